"""Servers with the guard as their application: Python's, and Odoo's two where they are there."""

import contextlib
import socket
import threading
import wsgiref.simple_server

import addons_path  # noqa: F401
from guard_cases import HOST, LIST, Result, request_of
from plana_gateway.guard import Guard
from plana_gateway.identity import Identity
from plana_gateway.server_state import create_state

try:
    import gevent
    from gevent import pywsgi
except ImportError:
    gevent = None
try:
    import werkzeug.serving as werkzeug
except ImportError:
    werkzeug = None

_PATIENCE_SECONDS = 10


def servers():
    """Each with the port of Odoo by whose rules it reads, and with what starts it."""
    yield 'wsgiref', 'gevent', _wsgiref_server
    if werkzeug is not None:
        yield 'werkzeug', 'http', _werkzeug_server
    if gevent is not None:
        yield 'gevent', 'gevent', _gevent_server


def _wsgiref_server(application):
    class Quiet(wsgiref.simple_server.WSGIRequestHandler):
        def log_message(self, *_):
            pass

    server = wsgiref.simple_server.make_server('127.0.0.1', 0, application, handler_class=Quiet)
    return _serving(server)


def _werkzeug_server(application):
    """As threaded Odoo has it."""

    class Quiet(werkzeug.WSGIRequestHandler):
        def log(self, *_):
            pass

    return _serving(
        werkzeug.make_server('127.0.0.1', 0, application, threaded=True, request_handler=Quiet)
    )


@contextlib.contextmanager
def _serving(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def _gevent_server(application):
    """As Odoo's evented process has it; it lives in a thread of its own."""
    started = threading.Event()
    running = []

    def serve():
        server = pywsgi.WSGIServer(('127.0.0.1', 0), application, log=None, error_log=None)
        server.start()
        running.extend([server, gevent.get_hub().loop])
        started.set()
        server.serve_forever()

    thread = threading.Thread(target=serve)
    thread.start()
    if not started.wait(30):
        raise TimeoutError('gevent has not started')
    server, loop = running
    try:
        yield server.server_port
    finally:
        loop.run_callback_threadsafe(server.stop)
        thread.join()


class GuardedServer:
    """A server like the list's, which hears what it calls."""

    def __init__(self, state_file):
        self._runs = None
        self._state_file = state_file
        self._guard = Guard(
            self._application,
            Identity(LIST['id'], bytes.fromhex(LIST['keyHex'])),
            _WatchedState(create_state(state_file), self._run),
            is_ready=self._is_ready,
            run_cron=self._run_cron,
        )

    def __call__(self, environ, start_response):
        return self._guard(environ, start_response)

    def result_of(self, case, port):
        """What the case comes to, asked over a connection."""
        self._runs = None
        # No server takes a seal back: this one is each time as if it were new.
        with open(self._state_file, 'r+b') as file:
            file.write(b'1' if case.state == 'sealed' else b'0')
        status, headers = _ask(port, request_of(case))
        if self._runs != 'application':
            assert headers.get('cache-control') == 'no-store', headers
        if status in (404, 405, 421):
            assert headers.get('content-length') == '0', headers
        return Result(status, headers.get('x-pulse-refused'), self._runs)

    def _run(self, what):
        assert self._runs is None, f'{self._runs}, then {what}'
        self._runs = what

    def _application(self, environ, start_response):
        self._run('application')
        known = 'HTTP_X_PULSE_BACKEND' in environ
        start_response('500 Internal Server Error' if known else '200 OK', [])
        return []

    def _is_ready(self, host):
        self._run('readiness')
        return host == HOST

    def _run_cron(self, database):
        assert database == HOST, database
        self._run('schedules')
        return 0, None


class _WatchedState:
    def __init__(self, state, tell):
        self._state = state
        self._tell = tell
        self.enter = state.enter
        self.leave = state.leave
        self.is_sealed = state.is_sealed

    def seal(self, timeout_seconds):
        self._tell(f'seal {timeout_seconds:g}')
        return self._state.seal(timeout_seconds)


def _ask(port, request):
    """The answer's head; its end may wait for a body that never comes."""
    address = ('127.0.0.1', port)
    with socket.create_connection(address, timeout=_PATIENCE_SECONDS) as connection:
        connection.sendall(request)
        head = b''
        while b'\r\n\r\n' not in head:
            received = connection.recv(65536)
            if not received:
                raise ConnectionError(f'no answer: {head!r}')
            head += received
    status, *lines = head.partition(b'\r\n\r\n')[0].decode('latin-1').split('\r\n')
    fields = (line.partition(':') for line in lines)
    return int(status.split()[1]), {name.lower(): value.strip() for name, _, value in fields}
