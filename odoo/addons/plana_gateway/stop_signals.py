"""A server with threads begins to end when it is asked to, not up to a minute later.

Its main thread sleeps a minute at a time, and relies on SIGTERM to interrupt that. But a signal to
a process is taken by whichever thread is there first, and one that just makes a thread often is:
for that it blocks all signals and lets them in again. The sleeper sleeps on, and Python runs
handlers in its main thread only. Meanwhile a sealed server answers 421 to everybody, and the next
one may not start.

So whichever thread takes it tells by a pipe, and the main thread is woken by a signal that goes to
that thread alone and has a handler that does nothing: Odoo's for SIGCHLD.
"""

import os
import signal
import threading
import time

_ENDING = frozenset((signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
# More than once: the main thread may be about to fall asleep, past its last look at signals.
_ATTEMPTS = 100
_PAUSE_SECONDS = 0.05


def wake_main_thread_to_end():
    """To be called in the main thread, by a process that does not fork servers of its own."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(
        target=_pass_on, args=(reader,), name='plana_gateway.stop_signals', daemon=True
    ).start()


def _pass_on(reader):
    sleeper = threading.main_thread().ident
    while True:
        if _ENDING.isdisjoint(os.read(reader, 64)):
            continue
        for _attempt in range(_ATTEMPTS):
            signal.pthread_kill(sleeper, signal.SIGCHLD)
            time.sleep(_PAUSE_SECONDS)
