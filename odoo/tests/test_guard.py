import io
import json
import os
import tempfile
import threading
import unittest

import addons_path  # noqa: F401
from plana_gateway.guard import Guard
from plana_gateway.identity import Identity
from plana_gateway.server_state import create_state

IDENTITY = Identity('acme-prod.7', bytes(32))


class GuardTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = create_state(os.path.join(folder.name, 'state'))
        self.seen = []
        self.body = Body([b'hello'])
        self.status = '200 OK'
        self.headers = [('Set-Cookie', 'session_id=1')]
        self.ready_hosts = {'acme.localhost'}
        self.jobs = lambda database: (2, 1700000000)
        self.guard = Guard(
            self.application,
            IDENTITY,
            self.state,
            is_ready=self.is_ready,
            run_cron=self.run_cron,
        )
        self.jobs_run = []
        self.hosts_asked = []

    def is_ready(self, host):
        self.hosts_asked.append(host)
        return host in self.ready_hosts

    def run_cron(self, database):
        self.jobs_run.append(database)
        return self.jobs(database)

    def application(self, environ, start_response):
        self.seen.append(environ)
        start_response(self.status, list(self.headers))
        return self.body

    def call(self, path, method='GET', *, identity=IDENTITY.header_value, query='', **more):
        environ = {'REQUEST_METHOD': method, 'PATH_INFO': path, 'QUERY_STRING': query, **more}
        if identity is not None:
            environ['HTTP_X_PULSE_BACKEND'] = identity
        environ.setdefault('wsgi.input', io.BytesIO())
        return Answer(self.guard, environ)

    def ask(self, path, method='GET', **more):
        """As Pulse itself asks."""
        return self.call(path, method, identity=IDENTITY.control_value, **more)

    def test_with_its_identity_a_request_passes_and_leaves_the_identity_behind(self):
        answer = self.call('/web/login')
        self.assertEqual((answer.code, answer.body), (200, b'hello'))
        self.assertNotIn('HTTP_X_PULSE_BACKEND', self.seen[0])

    def test_a_tenant_cannot_speak_as_the_guard(self):
        self.headers = [
            ('X-Pulse-Refused', 'sealed'),
            ('x-pulse-REFUSED', 'identity'),
            ('X_Pulse_Refused', 'sealed'),
            (' X-Pulse-Refused ', 'sealed'),
            ('X-Pulse-Other', 'word'),
            ('Location', '/a\r\nX-Pulse-Refused: sealed'),
            ('X-A: b\nX-Pulse-Refused', 'sealed'),
            ('Set-Cookie', 'a=1'),
            ('Set-Cookie', 'b=2'),
        ]
        for status in ('421 Misdirected Request', '421 No\r\nX-Pulse-Refused: sealed', '200 OK'):
            for more in ({}, {'HTTP_UPGRADE': 'websocket'}, {'SERVER_SOFTWARE': 'gevent/23'}):
                with self.subTest(status=status, **more):
                    self.status = status
                    answer = self.call('/a', 'POST', **more)
                    self.assertEqual(answer.status, status.splitlines()[0])
                    self.assertEqual(
                        answer.header_list, [('Set-Cookie', 'a=1'), ('Set-Cookie', 'b=2')]
                    )
        health = self.call('/web/health', identity=None)
        self.assertNotIn('X-Pulse-Refused', health.headers)

    def test_a_second_head_after_an_error_is_heard_no_more_than_the_first(self):
        def failing(environ, start_response):
            start_response('200 OK', [])
            start_response('421 No', [('X-Pulse-Refused', 'sealed')], ('type', 'value', None))
            return []

        self.guard._application = failing
        answer = self.call('/a')
        self.assertEqual((answer.code, answer.header_list), (421, []))
        self.assertEqual(answer.exc_info, ('type', 'value', None))

    def test_a_refused_body_is_read_so_that_the_answer_arrives(self):
        body = io.BytesIO(b'x' * 1000)
        self.call('/a', 'POST', identity=None, CONTENT_LENGTH='1000', **{'wsgi.input': body})
        self.assertEqual(body.tell(), 1000)

    def test_a_refusal_does_not_wait_for_the_body(self):
        body = io.BytesIO(b'x' * 1000)
        more = {'CONTENT_LENGTH': '1000', 'wsgi.input': body}
        refused = Answer.open(self.guard, {**self.environ('/plana/seal'), **more})
        self.assertEqual((list(refused), body.tell()), ([], 0))
        refused.close()
        self.assertEqual(body.tell(), 1000)

    def test_a_body_that_has_been_read_is_not_waited_for_again(self):
        for database in ('acme', ''):
            given = body_of({'database': database})
            reads = Reads(given['wsgi.input'])
            self.ask('/plana/cron', 'POST', **{**given, 'wsgi.input': reads})
            self.assertEqual(reads.count, 1)

    def test_gevent_is_told_to_end_the_connection(self):
        answer = self.call('/a', identity=None, SERVER_SOFTWARE='gevent/23')
        self.assertEqual(answer.headers['Connection'], 'close')

    def test_health_needs_no_identity_and_reaches_no_tenant(self):
        answer = self.call(
            '/web/health',
            identity=None,
            query='db_server_status=1&db=acme',
            HTTP_HOST='acme.localhost',
            HTTP_COOKIE='session_id=stolen',
            HTTP_X_FORWARDED_HOST='acme.localhost',
        )
        self.assertEqual(answer.code, 200)
        [environ] = self.seen
        self.assertEqual(environ['HTTP_HOST'], 'health.invalid')
        self.assertEqual(environ['QUERY_STRING'], 'db_server_status=1')
        self.assertFalse({'HTTP_COOKIE', 'HTTP_X_FORWARDED_HOST'} & environ.keys())

    def test_the_seal_refuses_everything_that_comes_later(self):
        self.assertEqual(self.ask('/plana/seal', 'POST').code, 200)
        answer = self.call('/web/login')
        self.assertEqual((answer.code, answer.headers['X-Pulse-Refused']), (421, 'sealed'))
        cron = self.ask('/plana/cron', 'POST', **body_of({'database': 'acme'}))
        self.assertEqual((cron.code, cron.headers['X-Pulse-Refused']), (421, 'sealed'))
        unknown = self.call('/plana/identity')
        self.assertEqual((unknown.code, unknown.headers['X-Pulse-Refused']), (421, 'sealed'))
        for path in ('/web/health', '/plana/ready'):
            answer = self.call(path, identity=None, query='host=acme.localhost')
            self.assertEqual((answer.code, answer.headers['X-Pulse-Refused']), (421, 'sealed'))
        self.assertEqual(self.ask('/plana/seal', 'POST').code, 200)
        self.assertEqual(self.seen, [])

    def test_the_seal_waits_until_the_answer_is_closed(self):
        running = Answer.open(self.guard, self.environ('/slow'))
        self.assertEqual(self.ask('/plana/seal', 'POST', query='timeout=0').code, 503)
        self.assertEqual(b''.join(running), b'hello')
        self.assertEqual(self.ask('/plana/seal', 'POST', query='timeout=0').code, 503)
        threading.Timer(0.05, running.close).start()
        self.assertEqual(self.ask('/plana/seal', 'POST', query='timeout=5').code, 200)

    def test_a_long_poll_is_not_waited_for(self):
        environ = {**self.environ('/longpolling/poll'), 'REQUEST_METHOD': 'POST'}
        poll = Answer.open(self.guard, environ)
        self.assertEqual(self.ask('/plana/seal', 'POST', query='timeout=0').code, 200)
        poll.close()
        self.assertEqual(self.call('/longpolling/poll', 'POST').code, 421)

    def test_what_else_is_asked_below_it_is_waited_for(self):
        running = Answer.open(self.guard, self.environ('/longpolling/poll'))
        self.assertEqual(self.ask('/plana/seal', 'POST', query='timeout=0').code, 503)
        running.close()

    def test_a_long_poll_that_fails_is_counted_out_once(self):
        running = Answer.open(self.guard, self.environ('/slow'))
        self.guard._application = fail
        self.assertRaises(RuntimeError, self.call, '/longpolling/poll', 'POST')
        self.assertEqual(self.ask('/plana/seal', 'POST', query='timeout=0').code, 503)
        running.close()
        self.assertEqual(self.ask('/plana/seal', 'POST', query='timeout=0').code, 200)

    def test_a_failed_request_is_counted_out(self):
        self.body = None
        self.guard._application = fail
        self.assertRaises(RuntimeError, self.call, '/broken')
        self.assertEqual(self.ask('/plana/seal', 'POST', query='timeout=0').code, 200)

    def test_an_answer_whose_close_fails_is_counted_out_once(self):
        self.body = Body([b''], closing=fail)
        self.assertRaises(RuntimeError, self.call, '/broken')
        self.assertEqual(self.ask('/plana/seal', 'POST', query='timeout=0').code, 200)

    def test_a_websocket_counts_until_its_handshake_is_answered(self):
        self.status = '101 Switching Protocols'
        sealed = []
        self.body = Body([], closing=lambda: sealed.append(self.state.seal(0)))
        self.call('/websocket', HTTP_UPGRADE='websocket')
        self.assertEqual(sealed, [True])

    def test_a_refused_handshake_counts_until_its_end(self):
        self.status = '400 Bad Request'
        sealed = []
        self.body = Body([], closing=lambda: sealed.append(self.state.seal(0)))
        self.call('/websocket', HTTP_UPGRADE='websocket')
        self.assertEqual(sealed, [False])

    def test_cron_answers_with_what_was_run(self):
        answer = self.ask('/plana/cron', 'POST', **body_of({'database': 'acme'}))
        self.assertEqual(answer.code, 200)
        self.assertEqual(json.loads(answer.body), {'jobs': 2, 'next': 1700000000})

    def test_cron_says_on_one_line_why_it_did_not_run(self):
        def refuse(database):
            raise RuntimeError(f'no\n{database}')

        self.jobs = refuse
        answer = self.ask('/plana/cron', 'POST', **body_of({'database': 'acme'}))
        self.assertEqual((answer.code, json.loads(answer.body)), (503, {'reason': 'no acme'}))
        self.assertTrue(self.state.seal(0))

    def environ(self, path):
        return {
            'REQUEST_METHOD': 'GET',
            'PATH_INFO': path,
            'HTTP_X_PULSE_BACKEND': IDENTITY.header_value,
        }


class Body:
    def __init__(self, chunks, closing=lambda: None):
        self._chunks = chunks
        self.close = closing

    def __iter__(self):
        return iter(self._chunks)


class Reads:
    """Counts them."""

    def __init__(self, body):
        self._body = body
        self.count = 0

    def read(self, size):
        self.count += 1
        return self._body.read(size)


class Answer:
    """One request, from the call to the close, as a server makes it."""

    def __init__(self, guard, environ):
        iterable = guard(environ, self._start)
        try:
            self.body = b''.join(iterable)
        finally:
            getattr(iterable, 'close', lambda: None)()

    @staticmethod
    def open(guard, environ):
        return guard(environ, lambda *_: None)

    def _start(self, status, headers, exc_info=None):
        self.status = status
        self.code = int(status.split()[0])
        self.header_list = headers
        self.headers = dict(headers)
        self.exc_info = exc_info


def fail(*_):
    raise RuntimeError('broken')


def body_of(value):
    text = json.dumps(value).encode()
    return {'CONTENT_LENGTH': str(len(text)), 'wsgi.input': io.BytesIO(text)}


if __name__ == '__main__':
    unittest.main()
