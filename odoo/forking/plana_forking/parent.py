"""Accepts, forks, reaps; never reads what Pulse sends."""

import os
import selectors
import signal
import socket
import struct
import sys

from .frames import send_line

# More than the environments of a machine that are awake at once.
MOST_CHILDREN = 4096


class Parent:
    """One thread. `serve` returns in the child with its connection, in the parent with None at its end."""

    def __init__(self, listener, lifeline):
        self._listener = listener
        self._lifeline = lifeline
        self._children = {}
        self._alarm, self._bell = socket.socketpair()
        for end in (self._listener, self._alarm, self._bell):
            end.setblocking(False)

    def serve(self):
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        # `select` has no object in the kernel that parent and child would share.
        with selectors.SelectSelector() as selector:
            for source in (self._listener, self._lifeline, self._alarm):
                selector.register(source, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._alarm in ready:
                    self._alarm.recv(4096)
                self._reap()
                if self._lifeline in ready:
                    return None
                if self._listener in ready:
                    connection = self._accept()
                    if connection is not None:
                        return connection

    def _accept(self):
        """A new child's connection, in the child."""
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return None
        if not _is_ours(connection) or len(self._children) >= MOST_CHILDREN:
            self._refuse(connection, 'not now')
            return None
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            pid = os.fork()
        except OSError as error:
            self._refuse(connection, f'cannot fork: {error.strerror}')
            return None
        if pid != 0:
            self._children[pid] = connection
            return None
        self._leave_parent()
        return connection

    def _leave_parent(self):
        """Closed as objects, so that none closes a number later that is another's by then."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for other in (self._listener, self._alarm, self._bell, *self._children.values()):
            other.close()
        self._children = {}

    def _reap(self):
        while self._children:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            connection = self._children.pop(pid, None)
            if connection is not None:
                _tell(connection, {'exit': os.waitstatus_to_exitcode(status)})

    def _refuse(self, connection, reason):
        _tell(connection, {'refused': reason})


def _tell(connection, message):
    with connection:
        connection.settimeout(1)
        try:
            send_line(connection, message)
        except OSError:
            pass  # Pulse has gone; the next one asks the kernel.


def _is_ours(connection):
    """The folder is ours alone already; this holds even if somebody opened it."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    _, user, _ = struct.unpack('3i', credentials)
    return user in (0, os.geteuid())
