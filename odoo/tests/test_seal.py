import os
import subprocess
import sys
import tempfile
import threading
import unittest
from wsgiref.simple_server import WSGIRequestHandler, make_server

from addons_path import ADDONS
from plana_gateway.guard import Guard
from plana_gateway.identity import Identity
from plana_gateway.server_state import create_state

KEY = bytes(range(32))


class SealTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.key_file = os.path.join(folder.name, 'key')
        with open(self.key_file, 'w', encoding='ascii') as file:
            file.write(KEY.hex())
        self.state = create_state(os.path.join(folder.name, 'state'))
        guard = Guard(None, Identity('acme.7', KEY), self.state, is_ready=None, run_cron=None)
        server = make_server('127.0.0.1', 0, guard, handler_class=Quiet)
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.01}).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)

    def run_seal(self, *arguments, backend_id='acme.7', **environment):
        return subprocess.run(
            [sys.executable, '-S', '-E', str(ADDONS / 'plana_gateway/seal.py'), *arguments],
            env={
                'PULSE_BACKEND_ID': backend_id,
                'PULSE_BACKEND_KEY_FILE': self.key_file,
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    def test_a_sealed_and_drained_server_is_success(self):
        done = self.run_seal(f'--port={self.port}', POD_IP='127.0.0.1')
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        self.assertTrue(self.state.is_sealed())
        self.assertEqual(self.run_seal(f'--port={self.port}').returncode, 0)

    def test_one_that_does_not_drain_in_time_is_not_but_is_sealed(self):
        self.state.enter()
        done = self.run_seal(f'--port={self.port}', '--timeout=1.1')
        self.assertEqual(done.returncode, 1)
        self.assertIn('503', done.stderr)
        self.assertTrue(self.state.is_sealed())

    def test_a_foreign_server_is_not_sealed(self):
        done = self.run_seal(f'--port={self.port}', backend_id='acme.8')
        self.assertEqual(done.returncode, 1)
        self.assertIn('421', done.stderr)
        self.assertFalse(self.state.is_sealed())

    def test_what_it_cannot_do_is_said_in_one_line(self):
        for arguments in (['--port=1'], ['--port=x'], ['--what=1'], ['now'], ['--timeout=0']):
            with self.subTest(arguments):
                done = self.run_seal(*arguments)
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, r'^seal: [^\n]+\n$')


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


if __name__ == '__main__':
    unittest.main()
