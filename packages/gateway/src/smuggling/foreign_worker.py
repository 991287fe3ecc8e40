"""A worker of Python's, such as stand behind the gateway with Odoo, which tells each request that it reads.

    foreign_worker.py closing | keeping | evented

- closing: werkzeug's WSGIRequestHandler over http.server, HTTP/1.0, one request a connection: as
  Odoo's HTTP port.
- keeping: the same in HTTP/1.1, and it keeps its connections: whatever stands behind a request is read
  as the next one. Odoo does not go as far; this reader lets nothing lie.
- evented: gevent's pywsgi, which keeps its connections: as Odoo's port for WebSockets and long polls.

Where it listens and what it reads comes as lines of JSON on the standard output; it ends with its
standard input.
"""

import io
import itertools
import json
import sys
import threading

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request

numbers = itertools.count(1)
telling = threading.Lock()


def tell(**fact):
    with telling:
        sys.stdout.write(json.dumps(fact) + '\n')
        sys.stdout.flush()


def text_of(data):
    return data.decode('latin-1')


def rest_of(handler):
    try:
        return text_of(handler.rfile.read())
    except ConnectionError:
        return ''


def application(environ, start_response):
    """Takes the body as Odoo does, and answers with the number under which the request is told."""
    handler = environ['handler']
    try:
        body = Request(environ).get_data()
    except Exception as error:  # Each server and each framing has its own.
        tell(type='broken', why=repr(error), rest=rest_of(handler))
        handler.is_broken = True
        start_response('400 Bad Request', [('Content-Length', '0'), ('Connection', 'close')])
        return []
    number = next(numbers)
    tell(
        type='request',
        number=number,
        method=environ['REQUEST_METHOD'],
        target=handler.path,
        headers=handler.headers.items(),
        # What an application is told: under one name there may be several headers.
        host=environ.get('HTTP_HOST'),
        identity=environ.get('HTTP_X_PULSE_BACKEND'),
        body=text_of(body),
    )
    start_response('200 OK', [('Content-Length', '2'), ('X-Read-As', str(number))])
    return [] if environ['REQUEST_METHOD'] == 'HEAD' else [b'ok']


class Closing(WSGIRequestHandler):
    protocol_version = 'HTTP/1.0'
    is_broken = False

    def make_environ(self):
        return {**super().make_environ(), 'handler': self}

    def run_wsgi(self):
        reader = self.rfile
        super().run_wsgi()
        self.rfile = reader

    def end_headers(self):
        super().end_headers()
        # From 2.3 on werkzeug throws away whatever else is there once it has answered.
        self.rfile = io.BytesIO()

    def send_error(self, code, message=None, explain=None):
        tell(type='refused', why=f'{code} {message}', line=text_of(self.raw_requestline))
        super().send_error(code, message, explain)

    def handle(self):
        try:
            super().handle()
            rest = rest_of(self)
            if rest:
                tell(type='unread', rest=rest)
        finally:
            tell(type='closed')

    def log(self, *args):
        pass


class Keeping(Closing):
    protocol_version = 'HTTP/1.1'
    # It writes head and body one after the other.
    disable_nagle_algorithm = True

    def send_header(self, keyword, value):
        # werkzeug says so with each answer.
        if (keyword, value) != ('Connection', 'close') or self.is_broken:
            super().send_header(keyword, value)


def serve_with_werkzeug(handler):
    server = make_server('127.0.0.1', 0, application, threaded=True, request_handler=handler)
    # Asked as they are accepted, one after the other, and not in their threads.
    server.verify_request = lambda *_: tell(type='opened') or True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tell(type='listening', port=server.server_port)
    sys.stdin.read()


def serve_with_gevent():
    from gevent import pywsgi
    from gevent.os import tp_read

    class Evented(pywsgi.WSGIHandler):
        def handle(self):
            tell(type='opened')
            try:
                super().handle()
            finally:
                tell(type='closed')

        def get_environ(self):
            return {**super().get_environ(), 'handler': self}

        def handle_one_request(self):
            result = super().handle_one_request()
            if isinstance(result, tuple):
                tell(type='refused', why=result[0], line=self.requestline)
            return result

    server = pywsgi.WSGIServer(
        ('127.0.0.1', 0), application, handler_class=Evented, log=None, error_log=None
    )
    server.start()
    tell(type='listening', port=server.server_port)
    tp_read(0, 1)


if __name__ == '__main__':
    [kind] = sys.argv[1:]
    if kind == 'evented':
        serve_with_gevent()
    else:
        serve_with_werkzeug({'closing': Closing, 'keeping': Keeping}[kind])
