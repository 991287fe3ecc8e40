import threading
import unittest

import addons_path  # noqa: F401
from plana_gateway.readiness import Readiness


class ReadinessTest(unittest.TestCase):
    def setUp(self):
        self.status = '200 OK'
        self.headers = []
        self.asked = []
        self.served = {'acme.localhost'}
        self.gate = threading.Event()
        self.gate.set()
        self.readiness = Readiness(self.application, lambda host: host in self.served)

    def application(self, environ, start_response):
        self.asked.append(environ)
        self.gate.wait(10)
        start_response(self.status, self.headers)
        return [b'<form>']

    def test_is_the_login_page_of_a_host_that_is_served_here(self):
        self.assertTrue(self.readiness('acme.localhost'))
        [environ] = self.asked
        self.assertEqual(environ['PATH_INFO'], '/web/login')
        self.assertEqual(environ['HTTP_X_FORWARDED_HOST'], 'acme.localhost')

    def test_a_foreign_host_never_reaches_odoo(self):
        self.assertFalse(self.readiness('beta.localhost'))
        self.assertFalse(self.readiness('acme.localhost\r\nx: y'))
        self.assertEqual(self.asked, [])

    def test_a_login_page_that_leads_to_another_login_is_one(self):
        for status in ('302 FOUND', '303 SEE OTHER', '307 Temporary Redirect'):
            for location in (
                'https://login.example/authorize?next=/web/database/selector',
                '/bg/web/login',
                '/auth_saml/get_auth_request?pid=1',
                'https://acme.localhost/web/login',
            ):
                with self.subTest(status=status, location=location):
                    self.assertTrue(self._ready_when_answered(status, ('location', location)))

    def test_a_redirect_to_the_selector_or_manager_is_no_login_page(self):
        for location in (
            '/web/database/selector',
            'http://acme.localhost/web/database/selector?db=',
            '/web/database/manager',
            '/bg/web/database/manager/',
        ):
            with self.subTest(location=location):
                self.assertFalse(self._ready_when_answered('303 SEE OTHER', ('Location', location)))

    def test_a_redirect_to_itself_is_no_login_page(self):
        for location in (
            '/web/login',
            'http://acme.localhost/web/login',
            '//acme.localhost/web/login',
            'login',
        ):
            with self.subTest(location=location):
                self.assertFalse(self._ready_when_answered('302 FOUND', ('Location', location)))

    def test_a_redirect_to_nowhere_is_no_login_page(self):
        for headers in ([], [('Location', '')]):
            with self.subTest(headers=headers):
                self.assertFalse(self._ready_when_answered('303 SEE OTHER', *headers))
        self.assertFalse(self._ready_when_answered('304 NOT MODIFIED', ('Location', '/elsewhere')))

    def _ready_when_answered(self, status, *headers):
        self.status, self.headers = status, list(headers)
        return Readiness(self.application, lambda _host: True)('acme.localhost')

    def test_what_fails_is_not_ready(self):
        def broken(_host):
            raise OSError('no database server')

        with self.assertLogs('plana_gateway.readiness', 'WARNING'):
            self.assertFalse(Readiness(self.application, broken)('acme.localhost'))

    def test_who_asks_meanwhile_shares_the_running_check(self):
        self.gate.clear()
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(self.readiness('acme.localhost')))
            for _ in range(5)
        ]
        for thread in threads:
            thread.start()
        self.gate.set()
        for thread in threads:
            thread.join(10)
        self.assertEqual((answers, len(self.asked)), ([True] * 5, 1))

    def test_a_success_is_believed_for_a_moment_a_failure_is_not(self):
        self.status = '500 Internal Server Error'
        self.assertFalse(self.readiness('acme.localhost'))
        self.status = '200 OK'
        self.assertTrue(self.readiness('acme.localhost'))
        self.assertTrue(self.readiness('acme.localhost'))
        self.assertEqual(len(self.asked), 2)


if __name__ == '__main__':
    unittest.main()
