"""The gate: the outermost WSGI application of a server, in front of everything of Odoo's.

It promises, in every process that serves requests:

- Without this server's identity: 421 with `X-Pulse-Refused: identity`, before any code of Odoo's
  routing, session, database or tenant runs. Two addresses need none, because probes have none and
  their answers tell nothing of a tenant: GET /web/health (Odoo's own answer, asked without cookies
  and without a host, so that it cannot reach a tenant's code) and GET /plana/ready.
- What Pulse itself asks (POST /plana/seal, POST /plana/cron) must be signed as its own word. A
  request that is passed on for a visitor finds nothing under /plana/ but 404.
- After POST /plana/seal: 421 with `X-Pulse-Refused: sealed` to everything that is not refused for
  its identity, /web/health and /plana/ready included; only the seal itself is heard again.
  421 means that nothing has run, so whoever asked may ask elsewhere.
- Its answer waits for no body that it does not need.
- An answer with one of the guard's own headers is the guard's: what the application says under such
  a name is dropped, or a tenant could make a gateway send again what has run. (Code that takes the
  connection itself, past its server, is beyond any promise.)
- A request is counted until its answer's iterable is closed; a WebSocket until its handshake is
  answered, for then its iterable is the conversation itself; a long poll not at all: it waits for
  news that may never come, and whoever gets no answer asks again for the same.

Free of Odoo, so that it can be tested without. What is answered to whom stands as a list in
`odoo/tests/guard-cases.json`, by which the stand-in of this server is tested too.
"""

import json
import re
from urllib.parse import parse_qs

from .identity import ENVIRON_KEY
from .server_state import DEFAULT_TIMEOUT_SECONDS, MAXIMUM_TIMEOUT_SECONDS

HEALTH_PATH = '/web/health'
READY_PATH = '/plana/ready'
SEAL_PATH = '/plana/seal'
CRON_PATH = '/plana/cron'
POLL_PATH = '/longpolling/poll'

_STATUS = {
    200: '200 OK',
    400: '400 Bad Request',
    404: '404 Not Found',
    405: '405 Method Not Allowed',
    421: '421 Misdirected Request',
    503: '503 Service Unavailable',
}
# A gateway keeps a body this long to send it again elsewhere; a longer one is cut off instead.
_DRAINED_BYTES = 1024 * 1024
_DRAIN_SECONDS = 5
_CRON_BODY_BYTES = 4096
# Narrower than `float`, which takes "1_0", "inf" and the digits of every script.
_SECONDS = re.compile(r'[0-9]+(\.[0-9]+)?')
# By headers that begin like this the guard and its gateways speak to each other.
_OWN_HEADERS = 'x-pulse-'
# What could lead a request to a database.
_LEADING_TO_TENANTS = (
    'HTTP_COOKIE',
    'HTTP_AUTHORIZATION',
    'HTTP_X_ODOO_DATABASE',
    'HTTP_X_FORWARDED_HOST',
    'HTTP_FORWARDED',
)


class Guard:
    """Wraps `application`; `is_ready(host)` and `run_cron(database)` do what their routes say."""

    def __init__(self, application, identity, state, *, is_ready, run_cron):
        self._application = application
        self._identity = identity
        self._state = state
        self._is_ready = is_ready
        self._run_cron = run_cron

    def __call__(self, environ, start_response):
        path = _path(environ)
        # Tenants' code sees the request; whose it is, is none of its business.
        identity = environ.pop(ENVIRON_KEY, None)
        if self._identity.controls(identity):
            return self._own_route(path, environ, start_response)
        if not self._identity.matches(identity):
            return self._without_identity(path, environ, start_response)
        if path.startswith('/plana/'):
            return self._answer_unsealed(environ, start_response, 404)
        return self._counted(path, environ, start_response)

    def _without_identity(self, path, environ, start_response):
        if environ.get('REQUEST_METHOD') == 'GET':
            if path == HEALTH_PATH:
                return self._counted(path, _tenantless(environ), start_response)
            if path == READY_PATH:
                return self._ready(environ, start_response)
        return _refuse(environ, start_response, 'identity')

    def _counted(self, path, environ, start_response):
        if not self._state.enter():
            return _refuse(environ, start_response, 'sealed')
        counted = _Counted(self._state)
        start_response = _as_application(start_response)
        if path == POLL_PATH and environ.get('REQUEST_METHOD') == 'POST':
            counted.leave()
        try:
            if 'HTTP_UPGRADE' in environ:
                start_response = counted.watching(start_response)
            counted.iterable = self._application(environ, start_response)
        except BaseException:
            counted.leave()
            raise
        return counted

    def _own_route(self, path, environ, start_response):
        method, run = {
            READY_PATH: ('GET', self._ready),
            SEAL_PATH: ('POST', self._seal),
            CRON_PATH: ('POST', self._cron),
        }.get(path, (None, None))
        if run is None:
            return self._answer_unsealed(environ, start_response, 404)
        if environ.get('REQUEST_METHOD') != method:
            return self._answer_unsealed(environ, start_response, 405)
        return run(environ, start_response)

    def _answer_unsealed(self, environ, start_response, code):
        """Not in vain: so a gateway asks whether it has come to the right server."""
        if self._state.is_sealed():
            return _refuse(environ, start_response, 'sealed')
        return _answer(environ, start_response, code)

    def _ready(self, environ, start_response):
        if not self._state.enter():
            return _refuse(environ, start_response, 'sealed')
        try:
            host = _query(environ, 'host')
            ready = bool(host) and self._is_ready(host)
        finally:
            self._state.leave()
        return _answer(environ, start_response, 200 if ready else 503)

    def _seal(self, environ, start_response):
        """Not counted itself, or it would wait for itself."""
        asked = _query(environ, 'timeout') or str(DEFAULT_TIMEOUT_SECONDS)
        if not _SECONDS.fullmatch(asked):
            return _answer(environ, start_response, 400)
        drained = self._state.seal(min(float(asked), MAXIMUM_TIMEOUT_SECONDS))
        return _answer(environ, start_response, 200 if drained else 503)

    def _cron(self, environ, start_response):
        # Before the body too, which may never come; and the seal waits for none.
        if self._state.is_sealed():
            return _refuse(environ, start_response, 'sealed')
        database = _database_of(environ)
        if database is None:
            return _answer(environ, start_response, 400, body={'reason': 'no database is named'})
        if not self._state.enter():
            return _refuse(environ, start_response, 'sealed')
        try:
            jobs, due = self._run_cron(database)
        except Exception as error:
            reason = ' '.join((str(error) or type(error).__name__).split())
            return _answer(environ, start_response, 503, body={'reason': reason})
        finally:
            self._state.leave()
        return _answer(environ, start_response, 200, body={'jobs': jobs, 'next': due})


class _Counted:
    """The answer's iterable; its `close` ends the request's count, once."""

    __slots__ = ('iterable', '_state', '_upgraded', '_left')

    def __init__(self, state):
        self.iterable = None
        self._state = state
        self._upgraded = False
        self._left = False

    def __iter__(self):
        return iter(self.iterable)

    def watching(self, start_response):
        """Notices that a WebSocket's handshake succeeded."""

        def watched(status, headers, exc_info=None):
            self._upgraded = status.startswith('101')
            return start_response(status, headers, exc_info)

        return watched

    def close(self):
        """Called after the last byte; a WebSocket is held inside the iterable's own close."""
        if self._upgraded:
            self.leave()
        try:
            close = getattr(self.iterable, 'close', None)
            if close is not None:
                close()
        finally:
            self.leave()

    def leave(self):
        """It is counted no more."""
        if not self._left:
            self._left = True
            self._state.leave()


def _as_application(start_response):
    """Hears from the application all but what only the guard may say."""

    def started(status, headers, exc_info=None):
        kept = [(name, value) for name, value in headers if not _is_guards(name, value)]
        # Werkzeug writes a line break in the status as it stands, and a header of its own follows.
        one_line = status.partition('\r')[0].partition('\n')[0]
        return start_response(one_line, kept, exc_info)

    return started


def _is_guards(name, value):
    if any(broken in text for text in (name, value) for broken in '\r\n'):
        return True
    return name.strip().lower().replace('_', '-').startswith(_OWN_HEADERS)


class _Answered:
    """The guard's own answer; a body that nobody has read is read after it, in the `close`."""

    __slots__ = ('_environ', '_chunks')

    def __init__(self, environ, chunks):
        self._environ = environ
        self._chunks = chunks

    def __iter__(self):
        return iter(self._chunks)

    def close(self):
        """Called after the last byte: ending on unread bytes would reset the answer away."""
        _drain(self._environ)


def _path(environ):
    """As Odoo's routes see it: for them any number of slashes at the front is one."""
    return '/' + environ.get('PATH_INFO', '').lstrip('/')


def _refuse(environ, start_response, reason):
    return _answer(environ, start_response, 421, refused=reason)


def _answer(environ, start_response, code, *, refused=None, body=None):
    headers = []
    if body is not None:
        headers.append(('Content-Type', 'application/json'))
    if refused is not None:
        headers.append(('X-Pulse-Refused', refused))
    text = b'' if body is None else json.dumps(body).encode()
    return _Answered(environ, send(environ, start_response, code, headers, text))


def send(environ, start_response, code, headers, text):
    """An answer that is no application's, and that nobody keeps."""
    sent = [('Content-Length', str(len(text))), ('Cache-Control', 'no-store'), *headers]
    # Werkzeug ends each connection by itself, and would say so twice.
    if environ.get('SERVER_SOFTWARE', '').startswith('gevent'):
        sent.append(('Connection', 'close'))
    start_response(_STATUS[code], sent)
    return [text] if text and environ.get('REQUEST_METHOD') != 'HEAD' else []


def _drain(environ):
    length = environ.get('CONTENT_LENGTH') or ''
    if not length.isdecimal() or int(length) > _DRAINED_BYTES or 'HTTP_EXPECT' in environ:
        return
    connection = environ.get('socket') or environ.get('werkzeug.socket')
    try:
        if connection is not None:
            own = connection.gettimeout() or _DRAIN_SECONDS
            connection.settimeout(min(own, _DRAIN_SECONDS))
        environ['wsgi.input'].read(int(length))
    except OSError:
        pass


def _tenantless(environ):
    """The same request, as from one who knows of no tenant."""
    stripped = {key: value for key, value in environ.items() if key not in _LEADING_TO_TENANTS}
    stripped['HTTP_HOST'] = 'health.invalid'
    stripped.pop(ENVIRON_KEY, None)
    status = _query(environ, 'db_server_status')
    stripped['QUERY_STRING'] = 'db_server_status=1' if status else ''
    return stripped


def _query(environ, name):
    return parse_qs(environ.get('QUERY_STRING', '')).get(name, [''])[-1]


def _database_of(environ):
    """Of `{"database": NAME}`, in UTF-8; None for whatever else is sent."""
    length = environ.get('CONTENT_LENGTH') or ''
    if not length.isdecimal() or int(length) > _CRON_BODY_BYTES:
        return None
    # Once it is read nothing is left to drain, and to read on would be to wait.
    del environ['CONTENT_LENGTH']
    try:
        body = json.loads(environ['wsgi.input'].read(int(length)).decode())
    except (ValueError, OSError, RecursionError):
        return None
    if not isinstance(body, dict) or list(body) != ['database']:
        return None
    database = body['database']
    return database if isinstance(database, str) and database else None
