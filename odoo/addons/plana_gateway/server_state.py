"""What the processes of one server must agree on: is it sealed, and is a request still running?

One small file per server. Its first byte is the seal. A process in which at least one request runs
holds a shared lock (flock) on it; whoever seals first writes the seal and then tries for the
exclusive lock, which it gets when nothing runs in any process any more.

Why the kernel's locks, not counters in shared memory:

- A killed process takes its lock with it, at once, whatever its threads were doing; a counter in
  memory would need pids, start times and a guess.
- The order holds on every CPU. A request takes the shared lock (or joins those of its process that
  hold it, under a mutex) and only then reads the seal; the sealer writes the seal and only then
  takes the exclusive lock. Either the request's lock was there first, and the sealer waits for it;
  or the sealer's was, and then the kernel's lock orders its earlier write before our later read.
- Nothing here ever waits for a lock, so it is safe in an event loop too: an exclusive lock in the
  way means that a sealer has already written the seal.

There is no way back: no code removes a seal. Only a new server process makes a new file.
"""

import fcntl
import os
import stat
import threading
import time

DEFAULT_TIMEOUT_SECONDS = 30.0
MAXIMUM_TIMEOUT_SECONDS = 300.0

_OPEN = b'0'
_SEALED = b'1'
_POLL_SECONDS = 0.005


class StateError(Exception):
    """The shared file cannot be trusted or is not there."""


class ServerState:
    """One process's hold on the file; each process forked from this one gets its own."""

    def __init__(self, path, descriptor):
        self.path = path
        # Never locked itself: forked processes share it, and with it any lock it would hold.
        self._origin = descriptor
        self._forget()
        os.register_at_fork(after_in_child=self._forget_inherited)

    def enter(self):
        """Counts a request in; False if the server is sealed, and then nothing was counted."""
        with self._mutex:
            if self._locked is None:
                self._locked = self._reopen()
            if self._running == 0 and not _try_lock(self._locked, fcntl.LOCK_SH):
                return False
            self._running += 1
            if os.pread(self._locked, 1, 0) == _OPEN:
                return True
            self._release()
            return False

    def leave(self):
        """Counts a request out."""
        with self._mutex:
            self._release()

    def is_sealed(self):
        """Whether somebody has sealed this server."""
        return os.pread(self._origin, 1, 0) != _OPEN

    def seal(self, timeout_seconds):
        """Lets no request in from now on; True when the last one has ended within the time."""
        os.pwrite(self._origin, _SEALED, 0)
        deadline = time.monotonic() + timeout_seconds
        descriptor = self._reopen()
        try:
            while not _try_lock(descriptor, fcntl.LOCK_EX):
                if time.monotonic() >= deadline:
                    return False
                time.sleep(_POLL_SECONDS)
            # Said explicitly: a process forked in this moment would keep the lock past our close.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            return True
        finally:
            os.close(descriptor)

    def _release(self):
        self._running -= 1
        if self._running == 0:
            fcntl.flock(self._locked, fcntl.LOCK_UN)

    def _reopen(self):
        """The same file as an open file of its own, even if its name has been removed since."""
        return os.open(f'/proc/self/fd/{self._origin}', os.O_RDWR | os.O_CLOEXEC)

    def _forget(self):
        self._mutex = threading.Lock()
        self._locked = None
        self._running = 0

    def _forget_inherited(self):
        """The parent's lock stays the parent's: closing our copy does not release it."""
        if self._locked is not None:
            os.close(self._locked)
        self._forget()


def create_state(path):
    """The file of the server whose first process this is.

    A process that replaces itself (exec: same pid, same start time) is the same server and finds
    its file again, with the seal; any other start begins unsealed.
    """
    owner = _owner_line(os.getpid())
    try:
        return _open_state(path, owner)
    except (FileNotFoundError, StateError):
        pass
    draft = f'{path}.{os.getpid()}'
    try:
        os.unlink(draft)
    except FileNotFoundError:
        pass
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    os.write(descriptor, _OPEN + owner)
    os.rename(draft, path)
    return ServerState(path, descriptor)


def join_state(path, server_pid):
    """The file of a server that runs already, for a program that it has started (gevent)."""
    try:
        return _open_state(path, _owner_line(server_pid))
    except OSError as error:
        raise StateError(f'no state file of a running server: {error.strerror}: {path}') from error


def state_path(environment, server_pid):
    """PULSE_BACKEND_STATE_FILE, or a file in a folder of our own below TMPDIR, HOME or /tmp."""
    named = environment.get('PULSE_BACKEND_STATE_FILE')
    if named:
        return os.path.abspath(named)
    candidates = [environment.get('TMPDIR'), environment.get('HOME'), '/tmp']
    parent = next(folder for folder in candidates if folder and os.path.isdir(folder))
    folder = os.path.join(parent, f'.pulse-backend-{os.getuid()}')
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    found = os.lstat(folder)
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not private or found.st_uid != os.getuid():
        raise StateError(f'somebody else could write in {folder}')
    return os.path.join(folder, f'{server_pid}.state')


def _open_state(path, owner):
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    if os.pread(descriptor, 200, 1) != owner:
        os.close(descriptor)
        raise StateError(f'the state file is of another server: {path}')
    return ServerState(path, descriptor)


def _owner_line(pid):
    return f' {pid} {_start_time(pid)}\n'.encode('ascii')


def _start_time(pid):
    """In clock ticks since the machine's start; the name in parentheses may hold spaces."""
    with open(f'/proc/{pid}/stat', encoding='utf-8', errors='replace') as file:
        return file.read().rpartition(')')[2].split()[19]


def _try_lock(descriptor, kind):
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
