"""What a tenant's code in one fork can reach of its parent and of a sibling: tried, as another user."""

import os
import signal
import unittest

from forking_parent import ParentUnderTest, Place, ends

_SPY = """
import os, socket, sys
def reaches(attempt, *arguments):
    try:
        return attempt(*arguments) is not None
    except OSError:
        return False
def content(path):
    with open(path, 'rb', 0) as file:
        return file.read(1)
def connected(path):
    with socket.socket(socket.AF_UNIX) as one:
        return one.connect_ex(path) == 0 or None
for pid in {pids}:
    for name in ('environ', 'maps', 'mem', 'auxv', 'stack', 'syscall'):
        if reaches(content, f'/proc/{{pid}}/{{name}}'):
            print('read', name, 'of', pid)
    for name in ('fd', 'fdinfo', 'map_files', 'cwd', 'root'):
        if reaches(os.listdir, f'/proc/{{pid}}/{{name}}'):
            print('listed', name, 'of', pid)
    for number in (0, 9):
        if reaches(lambda: os.kill(pid, number) or True):
            print('signalled', pid)
for path in {files}:
    if reaches(content, path):
        print('read', path)
if reaches(connected, {socket!r}):
    print('connected')
for take in (lambda: os.setuid(0), lambda: os.setgroups([0]), lambda: os.chroot('/')):
    if reaches(lambda: take() or True):
        print('took a right')
print('tried')
"""


@unittest.skipUnless(os.geteuid() == 0, 'only root has users to give')
class IsolationTest(unittest.TestCase):
    def setUp(self):
        self.place = Place()
        self.addCleanup(self.place.remove)
        self.parent = ParentUnderTest(self.place)
        self.addCleanup(self.parent.end)
        waits = 'import signal; print("there", flush=True); signal.pause()'
        self.victim = self.parent.fork(waits, user=31_001, variables={'PGPASSWORD': 'hunter2'})
        self.addCleanup(self.victim.close)
        self.victim_pid = self.victim.born()
        self.addCleanup(self._end_victim)

    def _end_victim(self):
        try:
            os.kill(self.victim_pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.victim.hear()

    def _try(self, user):
        spy = _SPY.format(
            pids=[self.parent.process.pid, self.victim_pid],
            files=[str(self.victim.log), str(self.victim.birth)],
            socket=str(self.place.socket),
        )
        fork = self.parent.fork(spy, user=user)
        self.addCleanup(fork.close)
        return fork.result()

    def test_a_fork_reaches_neither_its_parent_nor_a_sibling(self):
        self.assertEqual(self._try(31_002), (0, 'tried\n'))
        os.kill(self.victim_pid, 0)
        self.assertIsNone(self.parent.process.poll())

    def test_the_attempts_are_real_the_same_user_reaches_its_own(self):
        status, log = self._try(31_001)
        self.assertEqual(status, 0)
        self.assertIn(f'read environ of {self.victim_pid}', log)
        self.assertIn(f'signalled {self.victim_pid}', log)
        self.assertNotIn(str(self.parent.process.pid), log)
        self.assertTrue(ends(self.victim_pid))

    def test_a_server_that_was_started_beside_it_carries_its_token(self):
        """Whoever looks for what is left of a run finds also what left its session."""
        text = (
            'import os, subprocess\n'
            'subprocess.Popen(["sleep", "600"], start_new_session=True)\n'
        )
        fork = self.parent.fork(text, user=31_003)
        self.addCleanup(fork.close)
        self.assertEqual(fork.result()[0], 0)
        found = [pid for pid in _pids() if f'PULSE_START={fork.token}' in _environment_of(pid)]
        self.assertEqual(len(found), 1)
        os.kill(found[0], signal.SIGKILL)


def _pids():
    return [int(name) for name in os.listdir('/proc') if name.isdigit()]


def _environment_of(pid):
    try:
        with open(f'/proc/{pid}/environ', errors='replace') as file:
            return file.read().split('\0')
    except OSError:
        return []


if __name__ == '__main__':
    unittest.main()
