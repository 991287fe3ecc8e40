import unittest
from types import SimpleNamespace

import addons_path  # noqa: F401
from plana_gateway.unopened_databases import UnopenedError, tell_to_come_again

LOGGER = 'plana_gateway.unopened_databases'


class UnopenedDatabasesTest(unittest.TestCase):
    def setUp(self):
        self.broken = None
        self.unlisted = False
        self.served = []
        served = self.served

        class Request:
            """As Odoo's: with a database, or without one."""

            def __init__(self, path='/odoo', db='acme'):
                self.httprequest = SimpleNamespace(path=path)
                self.db = db

            def _serve_db(self):
                served.append(('with', self.db))
                return 'page'

            def _serve_nodb(self):
                served.append(('without', self.db))
                return 'plain'

        self.request = Request
        self.wrap = lambda **more: tell_to_come_again(Request, self.open, self.list, **more)

    def open(self, _database):
        if self.broken:
            raise UnopenedError('acme') from self.broken

    def list(self):
        if self.unlisted:
            raise UnopenedError('postgres') from OSError('no server')

    def test_what_can_be_opened_is_served_by_odoo(self):
        self.wrap()
        self.assertEqual(self.request()._serve_db(), 'page')
        self.assertEqual(self.request(db=None)._serve_nodb(), 'plain')
        self.assertEqual(self.served, [('with', 'acme'), ('without', None)])

    def test_a_database_that_cannot_be_opened_is_answered_before_odoo_hears_of_it(self):
        self.wrap()
        self.broken = OSError('connection to server failed:\nis it running?')
        with self.assertLogs(LOGGER, 'WARNING') as logged:
            answer = self.request()._serve_db()
        self.assertEqual(self.served, [])
        self.assertEqual(
            [record.getMessage() for record in logged.records],
            ['cannot open database acme: connection to server failed: is it running?'],
        )
        self._expect_come_again(answer)

    def test_so_is_one_that_odoo_could_not_open_itself(self):
        class RegistryError(RuntimeError):
            pass

        def fail(_request):
            raise RegistryError('Cannot get registry acme')

        self.request._serve_db = fail
        self.wrap(unopened=RegistryError)
        with self.assertLogs(LOGGER, 'WARNING'):
            self._expect_come_again(self.request()._serve_db())
        self.assertEqual(self.served, [])

    def test_who_has_no_database_because_nobody_could_be_asked_comes_again(self):
        self.wrap()
        self.unlisted = True
        with self.assertLogs(LOGGER, 'WARNING'):
            self._expect_come_again(self.request('/web/login', db=None)._serve_nodb())
        self.assertEqual(self.served, [])

    def test_health_is_the_processs_own(self):
        self.wrap()
        self.broken, self.unlisted = OSError('gone'), True
        self.assertEqual(self.request('/web/health')._serve_db(), 'plain')
        self.assertEqual(self.request('/web/health', db=None)._serve_nodb(), 'plain')
        self.assertEqual(self.served, [('without', None)] * 2)

    def test_what_else_goes_wrong_is_odoos(self):
        def fail(_request):
            raise AttributeError('a bug of a tenant')

        self.request._serve_db = fail
        self.wrap()
        with self.assertRaises(AttributeError):
            self.request()._serve_db()

    def _expect_come_again(self, answer):
        for method, expected in (('GET', True), ('HEAD', False)):
            started = []
            body = answer({'REQUEST_METHOD': method}, lambda *given: started.append(given))
            [(status, headers)] = started
            self.assertEqual(status, '503 Service Unavailable')
            headers = dict(headers)
            self.assertEqual((headers['Retry-After'], headers['Cache-Control']), ('5', 'no-store'))
            self.assertNotIn('Set-Cookie', headers)
            self.assertEqual(bool(body), expected)


if __name__ == '__main__':
    unittest.main()
