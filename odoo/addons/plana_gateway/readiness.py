"""Whether a host's login page is served here: asked of Odoo itself, in this very process.

Answers a startup probe, and a gateway that waits for a waking server and asks every few
milliseconds: a check that runs is shared by all who ask meanwhile, and a success is believed for a
second. It loads the registry of the host's database, as a first visitor would.
"""

import io
import logging
import re
import sys
import threading
import time
from urllib.parse import urljoin, urlsplit

BELIEVED_SECONDS = 1.0
_logger = logging.getLogger(__name__)
_WAIT_SECONDS = 60
_HOST = re.compile(r'[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?')
_LOGIN_PATH = '/web/login'
# There Odoo sends who asks for a host whose database it has not found.
_NO_DATABASE = re.compile(r'/web/database/(selector|manager)/?$')
_REDIRECTS = ('301', '302', '303', '307', '308')


class Readiness:
    """`application` is Odoo's own; `serves(host)` says whether it finds the database of that name."""

    def __init__(self, application, serves):
        self._application = application
        self._serves = serves
        self._mutex = threading.Lock()
        self._running = {}
        self._seen = {}

    def __call__(self, host):
        if not _HOST.fullmatch(host):
            return False
        with self._mutex:
            if time.monotonic() - self._seen.get(host, float('-inf')) < BELIEVED_SECONDS:
                return True
            check = self._running.get(host)
            mine = check is None
            if mine:
                check = self._running[host] = _Check()
        if mine:
            self._run(host, check)
        else:
            check.ended.wait(_WAIT_SECONDS)
        return check.ready

    def _run(self, host, check):
        try:
            check.ready = self._serves(host) and login_page_answers(self._application, host)
        except Exception:
            _logger.warning('cannot tell whether %s is served', host, exc_info=True)
        finally:
            with self._mutex:
                del self._running[host]
                now = time.monotonic()
                self._seen = {
                    name: at for name, at in self._seen.items() if now - at < BELIEVED_SECONDS
                }
                if check.ready:
                    self._seen[host] = now
            check.ended.set()


class _Check:
    def __init__(self):
        self.ready = False
        self.ended = threading.Event()


def login_page_answers(application, host):
    """One GET /web/login as the gateway would send it; true for a page or a way to another."""
    answers = []

    def start_response(status, headers, _exc_info=None):
        answers.append((status.partition(' ')[0], headers))
        return lambda _bytes: None

    iterable = application(_environ_of(host), start_response)
    try:
        for _chunk in iterable:
            pass
    finally:
        close = getattr(iterable, 'close', None)
        if close is not None:
            close()
    return bool(answers) and _is_login(host, *answers[-1])


def _is_login(host, status, headers):
    """Whoever logs in elsewhere is sent there by the tenant itself: then it is served.

    A way back to the very same page is Odoo's answer for a database that it cannot open.
    """
    if status not in _REDIRECTS:
        return status == '200'
    location = next((value for name, value in headers if name.lower() == 'location'), '')
    page = f'http://{host}{_LOGIN_PATH}'
    target = urljoin(page, location)
    return target != page and not _NO_DATABASE.search(urlsplit(target).path)


def _environ_of(host):
    name, _, port = host.partition(':')
    return {
        'REQUEST_METHOD': 'GET',
        'SCRIPT_NAME': '',
        'PATH_INFO': _LOGIN_PATH,
        'RAW_URI': _LOGIN_PATH,
        'REQUEST_URI': _LOGIN_PATH,
        'QUERY_STRING': '',
        'REMOTE_ADDR': '127.0.0.1',
        'REMOTE_PORT': '0',
        'SERVER_NAME': name,
        'SERVER_PORT': port or '80',
        'SERVER_PROTOCOL': 'HTTP/1.1',
        'SERVER_SOFTWARE': 'plana_gateway',
        'HTTP_HOST': host,
        'HTTP_X_FORWARDED_HOST': host,
        'HTTP_X_FORWARDED_PROTO': 'http',
        'HTTP_X_FORWARDED_FOR': '127.0.0.1',
        'HTTP_USER_AGENT': 'plana_gateway',
        'HTTP_ACCEPT': 'text/html',
        'wsgi.version': (1, 0),
        'wsgi.url_scheme': 'http',
        'wsgi.input': io.BytesIO(),
        'wsgi.errors': sys.stderr,
        'wsgi.multithread': True,
        'wsgi.multiprocess': False,
        'wsgi.run_once': False,
    }
