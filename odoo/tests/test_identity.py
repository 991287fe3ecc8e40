import hashlib
import hmac
import tempfile
import unittest

import addons_path  # noqa: F401
from plana_gateway.identity import Identity, IdentityError, identity_from

KEY = bytes(range(32))


class IdentityTest(unittest.TestCase):
    def setUp(self):
        self.identity = Identity('acme-prod.7', KEY)

    def test_is_the_id_and_its_hmac(self):
        digest = hmac.new(KEY, b'acme-prod.7', hashlib.sha256).hexdigest()
        self.assertEqual(self.identity.header_value, f'acme-prod.7.{digest}')
        self.assertTrue(self.identity.matches(f'acme-prod.7.{digest}'))

    def test_pulses_own_word_is_another(self):
        digest = hmac.new(KEY, b'control acme-prod.7', hashlib.sha256).hexdigest()
        control = f'acme-prod.7.{digest}'
        self.assertEqual(self.identity.control_value, control)
        self.assertTrue(self.identity.controls(control))
        self.assertFalse(self.identity.matches(control))
        self.assertFalse(self.identity.controls(self.identity.header_value))
        self.assertFalse(self.identity.controls(Identity('acme-prod.8', KEY).control_value))
        self.assertFalse(self.identity.controls(None))

    def test_nothing_else_matches(self):
        right = self.identity.header_value
        others = [
            None,
            '',
            'acme-prod.7',
            right[:-1],
            right + '0',
            right.upper(),
            f'{right},{right}',
            f' {right}',
            Identity('acme-prod.8', KEY).header_value,
            Identity('acme-prod.7', bytes(32)).header_value,
            'ü\u20ac',
        ]
        for value in others:
            with self.subTest(value):
                self.assertFalse(self.identity.matches(value))


class EnvironmentTest(unittest.TestCase):
    def read(self, key_text, backend_id='acme-prod.7'):
        with tempfile.NamedTemporaryFile('w') as file:
            file.write(key_text)
            file.flush()
            environment = {'PULSE_BACKEND_ID': backend_id, 'PULSE_BACKEND_KEY_FILE': file.name}
            return identity_from(environment)

    def test_reads_the_key_file(self):
        identity = self.read(KEY.hex() + '\n')
        self.assertEqual(identity.header_value, Identity('acme-prod.7', KEY).header_value)

    def test_says_what_is_missing(self):
        self.assertRaisesRegex(IdentityError, 'PULSE_BACKEND_ID is not set', identity_from, {})
        self.assertRaisesRegex(
            IdentityError,
            'PULSE_BACKEND_KEY_FILE is not set',
            identity_from,
            {'PULSE_BACKEND_ID': 'a.1'},
        )
        nowhere = {'PULSE_BACKEND_ID': 'a.1', 'PULSE_BACKEND_KEY_FILE': '/nowhere/key'}
        self.assertRaisesRegex(IdentityError, 'No such file', identity_from, nowhere)

    def test_refuses_a_weak_key_or_a_strange_id(self):
        self.assertRaisesRegex(IdentityError, 'shorter than 32', self.read, KEY[:31].hex())
        self.assertRaisesRegex(IdentityError, 'not hexadecimal', self.read, 'secret words')
        self.assertRaisesRegex(IdentityError, 'letters, digits', self.read, KEY.hex(), 'a b.1')

    def test_never_quotes_the_key(self):
        with self.assertRaises(IdentityError) as caught:
            self.read('secret words')
        self.assertNotIn('secret', str(caught.exception))


if __name__ == '__main__':
    unittest.main()
