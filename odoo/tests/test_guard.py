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

    def test_without_it_nothing_of_odoo_runs(self):
        right = IDENTITY.header_value
        for identity in (None, '', 'acme-prod.7', f'{right},{right}', right + 'x'):
            for path in ('/web/login', '/websocket', '/plana/seal', '/plana/cron', '/web/health/'):
                with self.subTest(identity=identity, path=path):
                    answer = self.call(path, 'POST', identity=identity)
                    self.assertEqual(answer.code, 421)
                    self.assertEqual(answer.headers['X-Pulse-Refused'], 'identity')
                    self.assertEqual(answer.body, b'')
        self.assertEqual(self.call('/web/health', 'POST', identity=None).code, 421)
        self.assertEqual(self.seen, [])
        self.assertFalse(self.state.is_sealed())

    def test_what_is_passed_on_for_a_visitor_is_never_pulses_own_word(self):
        for path in ('/plana/seal', '/plana/cron', '/plana/ready', '/plana/identity', '/plana/'):
            for method in ('GET', 'POST'):
                with self.subTest(path=path, method=method):
                    body = body_of({'database': 'acme'})
                    answer = self.call(path, method, query='host=acme.localhost', **body)
                    self.assertEqual((answer.code, answer.body), (404, b''))
                    self.assertNotIn('X-Pulse-Refused', answer.headers)
        self.assertFalse(self.state.is_sealed())
        self.assertEqual(self.jobs_run, [])
        self.assertEqual(self.hosts_asked, [])
        self.assertEqual(self.seen, [])

    def test_pulses_own_word_reaches_nothing_of_odoo(self):
        for path in ('/web/login', '/web/health', '/', '/longpolling/poll'):
            self.assertEqual(self.ask(path, 'POST').code, 404)
        self.assertEqual(self.seen, [])

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

    def test_ready_needs_no_identity_and_has_no_body(self):
        answer = self.call('/plana/ready', identity=None, query='host=acme.localhost')
        self.assertEqual((answer.code, answer.body), (200, b''))
        self.assertEqual(
            self.call('/plana/ready', identity=None, query='host=beta.localhost').code, 503
        )
        self.assertEqual(self.call('/plana/ready', identity=None).code, 503)

    def test_the_seal_refuses_everything_that_comes_later(self):
        self.assertEqual(self.ask('/plana/seal', 'POST').code, 200)
        answer = self.call('/web/login')
        self.assertEqual((answer.code, answer.headers['X-Pulse-Refused']), (421, 'sealed'))
        cron = self.ask('/plana/cron', 'POST', **body_of({'database': 'acme'}))
        self.assertEqual((cron.code, cron.headers['X-Pulse-Refused']), (421, 'sealed'))
        unknown = self.call('/plana/identity')
        self.assertEqual((unknown.code, unknown.headers['X-Pulse-Refused']), (421, 'sealed'))
        self.assertEqual(self.call('/web/health', identity=None).code, 503)
        ready = self.call('/plana/ready', identity=None, query='host=acme.localhost')
        self.assertEqual(ready.code, 503)
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

    def test_the_time_to_wait_is_checked(self):
        for query in ('timeout=x', 'timeout=-1', 'timeout=nan'):
            self.assertEqual(self.ask('/plana/seal', 'POST', query=query).code, 400)
        self.assertFalse(self.state.is_sealed())

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

    def test_cron_wants_a_database(self):
        for body in ({}, {'database': 5}, {'database': ''}, []):
            self.assertEqual(self.ask('/plana/cron', 'POST', **body_of(body)).code, 400)
        self.assertEqual(self.ask('/plana/cron', 'POST').code, 400)

    def test_its_own_addresses_answer_their_method_only(self):
        self.assertEqual(self.ask('/plana/seal').code, 405)
        self.assertEqual(self.ask('/plana/ready', 'POST').code, 405)
        self.assertEqual(self.ask('/plana/other').code, 404)
        self.assertEqual(self.seen, [])

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
