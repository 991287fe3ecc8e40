import tempfile
import unittest

import addons_path  # noqa: F401
from guard_cases import LIST, cases, unsent
from guarded_servers import GuardedServer, servers
from plana_gateway.identity import Identity


class GuardCasesTest(unittest.TestCase):
    def test_the_guard_answers_as_the_list_says_in_front_of_each_server(self):
        for name, rules, start in servers():
            folder = tempfile.TemporaryDirectory()
            self.addCleanup(folder.cleanup)
            guarded = GuardedServer(f'{folder.name}/state')
            with self.subTest(server=name), start(guarded) as port:
                listed = [*cases(rules), *unsent()]
                asked = [(case, guarded.result_of(case, port)) for case in listed]
                wrong = [f'{case}: {result}' for case, result in asked if result != case.answer]
                self.assertEqual(wrong, [])

    def test_the_list_has_as_many_cases_as_its_axes(self):
        self.assertGreater(len(list(cases('http'))), 300)

    def test_the_identities_of_the_list_are_signed_as_servers_sign_them(self):
        identity = Identity(LIST['id'], bytes.fromhex(LIST['keyHex']))
        self.assertEqual(identity.header_value, LIST['visitor'])
        self.assertEqual(identity.control_value, LIST['control'])


if __name__ == '__main__':
    unittest.main()
