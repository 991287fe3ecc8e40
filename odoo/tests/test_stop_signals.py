import os
import subprocess
import sys
import unittest

# The main thread as Odoo's with threads; the signal is taken by another one while it sleeps.
_SERVER = """
import os, signal, sys, threading, time

import addons_path
from plana_gateway.stop_signals import wake_main_thread_to_end

def on_signal(number, _frame):
    if number != signal.SIGCHLD:
        raise KeyboardInterrupt

def sleep_long():
    time.sleep(3600)

def is_asleep():
    with open(f'/proc/self/task/{os.getpid()}/stat') as file:
        state = file.read().rpartition(')')[2].split()[0]
    frame = sys._current_frames()[threading.main_thread().ident]
    return state == 'S' and frame.f_code is sleep_long.__code__

def take_signal():
    while not is_asleep():
        pass
    signal.pthread_kill(threading.get_ident(), getattr(signal, sys.argv[1]))

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
    signal.signal(number, on_signal)
wake_main_thread_to_end()
threading.Thread(target=take_signal).start()
try:
    sleep_long()
except KeyboardInterrupt:
    print('begins to end')
"""


class StopSignalsTest(unittest.TestCase):
    def _run(self, name):
        return subprocess.run(
            [sys.executable, '-c', _SERVER, name],
            cwd=os.path.dirname(os.path.abspath(__file__)),
            capture_output=True,
            text=True,
            timeout=20,
        )

    def test_a_sleeping_main_thread_begins_to_end_whichever_thread_takes_the_signal(self):
        for name in ('SIGTERM', 'SIGINT', 'SIGHUP'):
            with self.subTest(name):
                ended = self._run(name)
                self.assertEqual((ended.stdout, ended.stderr), ('begins to end\n', ''))


if __name__ == '__main__':
    unittest.main()
