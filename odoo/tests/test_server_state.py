import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

from addons_path import ADDONS
from plana_gateway.server_state import (
    StateError,
    create_state,
    join_state,
    state_path,
)


class ServerStateTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, 'server.state')
        self.state = create_state(self.path)

    def test_lets_requests_in_until_it_is_sealed(self):
        self.assertTrue(self.state.enter())
        self.state.leave()
        self.assertFalse(self.state.is_sealed())
        self.assertTrue(self.state.seal(0))
        self.assertTrue(self.state.is_sealed())
        self.assertFalse(self.state.enter())

    def test_sealing_is_idempotent(self):
        self.assertTrue(self.state.seal(0))
        self.assertTrue(self.state.seal(0))

    def test_the_seal_waits_for_every_request_of_this_process(self):
        self.state.enter()
        self.state.enter()
        self.assertFalse(self.state.seal(0))
        self.state.leave()
        self.assertFalse(self.state.seal(0.02))
        threading.Timer(0.05, self.state.leave).start()
        started = time.monotonic()
        self.assertTrue(self.state.seal(5))
        self.assertLess(time.monotonic() - started, 2)

    def test_after_the_seal_nothing_enters_though_something_still_runs(self):
        self.state.enter()
        self.state.seal(0)
        self.assertFalse(self.state.enter())
        self.state.leave()
        self.assertTrue(self.state.seal(0))

    def test_the_seal_waits_for_a_request_of_a_forked_worker(self):
        worker = self.fork(lambda: self.state.enter())
        self.assertFalse(self.state.seal(0.05))
        worker.let_go()
        self.assertTrue(self.state.seal(5))

    def test_a_forked_worker_sees_the_seal(self):
        worker = self.fork(lambda: None, then=lambda: os._exit(0 if not self.state.enter() else 9))
        self.state.seal(0)
        worker.let_go()
        self.assertEqual(worker.status(), 0)

    def test_a_killed_worker_does_not_hold_the_seal_up(self):
        worker = self.fork(lambda: self.state.enter())
        self.assertFalse(self.state.seal(0.02))
        worker.kill()
        self.assertTrue(self.state.seal(5))

    def test_a_worker_that_is_forked_amid_a_request_does_not_inherit_it(self):
        self.state.enter()
        worker = self.fork(lambda: None)
        self.state.leave()
        self.assertTrue(self.state.seal(0))
        worker.let_go()

    def test_what_a_child_process_inherits_does_not_hold_the_seal_up(self):
        self.state.enter()
        child = subprocess.Popen(['sleep', '30'], close_fds=False)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        self.state.leave()
        self.assertTrue(self.state.seal(0))

    def test_a_removed_file_goes_on_working_in_new_workers(self):
        os.unlink(self.path)
        worker = self.fork(lambda: self.state.enter())
        self.assertFalse(self.state.seal(0.02))
        worker.let_go()
        self.assertTrue(self.state.seal(5))

    def test_a_program_started_by_the_server_joins_it(self):
        code = (
            'import os, sys\n'
            f'sys.path.insert(0, {str(ADDONS)!r})\n'
            'from plana_gateway.server_state import join_state\n'
            f'state = join_state({self.path!r}, os.getppid())\n'
            'state.enter(); print("in", flush=True); sys.stdin.read(); state.leave()\n'
        )
        child = subprocess.Popen(
            [sys.executable, '-c', code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.assertEqual(child.stdout.readline(), b'in\n')
        self.assertFalse(self.state.seal(0.02))
        child.communicate(b'')
        self.assertTrue(self.state.seal(5))

    def test_a_stranger_does_not_join(self):
        self.assertRaises(StateError, join_state, self.path, 1)
        self.assertRaises(StateError, join_state, self.path + '.none', os.getpid())

    def test_a_server_that_replaces_itself_finds_its_seal_again(self):
        self.state.seal(0)
        self.assertTrue(create_state(self.path).is_sealed())

    def test_another_server_begins_unsealed(self):
        self.state.seal(0)
        worker = self.fork(lambda: None, then=self.exit_by_seal)
        worker.let_go()
        self.assertEqual(worker.status(), 0)
        self.assertTrue(self.state.is_sealed())

    def test_threads_that_race_the_seal_are_either_counted_or_refused(self):
        """No request runs on after the seal has said that none does."""
        running, seen_after_seal = [], []
        sealed = threading.Event()

        def visit():
            while self.state.enter():
                running.append(1)
                if sealed.is_set():
                    seen_after_seal.append(1)
                running.pop()
                self.state.leave()

        threads = [threading.Thread(target=visit) for _ in range(8)]
        for thread in threads:
            thread.start()
        time.sleep(0.05)
        self.assertTrue(self.state.seal(5))
        sealed.set()
        self.assertEqual(running, [])
        for thread in threads:
            thread.join()
        self.assertEqual(seen_after_seal, [])

    def exit_by_seal(self):
        os._exit(9 if create_state(self.path).is_sealed() else 0)

    def fork(self, first, then=lambda: None):
        worker = Worker(first, then)
        self.addCleanup(worker.kill)
        return worker


class StatePathTest(unittest.TestCase):
    def test_is_the_named_one_or_private_below_tmpdir_or_home(self):
        self.assertEqual(state_path({'PULSE_BACKEND_STATE_FILE': '/run/s'}, 5), '/run/s')
        with tempfile.TemporaryDirectory() as home:
            path = Path(state_path({'HOME': home}, 5))
            self.assertEqual(path.parent.parent, Path(home))
            self.assertEqual(stat.S_IMODE(path.parent.stat().st_mode), 0o700)
            self.assertEqual(path, Path(state_path({'HOME': home}, 5)))
            self.assertNotEqual(path, Path(state_path({'HOME': home}, 6)))

    def test_a_folder_that_others_could_write_in_is_refused(self):
        with tempfile.TemporaryDirectory() as tmp:
            folder = Path(state_path({'TMPDIR': tmp}, 5)).parent
            folder.chmod(0o777)
            self.assertRaises(StateError, state_path, {'TMPDIR': tmp}, 5)
            folder.rmdir()
            folder.symlink_to(tmp)
            self.assertRaises(StateError, state_path, {'TMPDIR': tmp}, 5)


class Worker:
    """A forked process that does `first`, says so, and waits to be let go before it does `then`."""

    def __init__(self, first, then):
        done, say = os.pipe()
        wait, self._go = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._go)
            first()
            os.write(say, b'.')
            os.read(wait, 1)
            then()
            os._exit(0)
        os.close(wait)
        os.close(say)
        os.read(done, 1)
        os.close(done)

    def let_go(self):
        os.close(self._go)
        self._go = None

    def status(self):
        _, status = os.waitpid(self._pid, 0)
        self._pid = None
        return os.waitstatus_to_exitcode(status)

    def kill(self):
        if self._go is not None:
            self.let_go() if self._pid is None else os.kill(self._pid, signal.SIGKILL)
        if self._pid is not None:
            self.status()
        if self._go is not None:
            self.let_go()


if __name__ == '__main__':
    unittest.main()
