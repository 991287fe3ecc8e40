"""Nobody whom the kernel has let in is left without an answer when a server with threads ends.

Such a server closes its listening socket at SIGTERM, and the kernel resets every connection that
waits there for its turn. Whoever had sent a request on one cannot know whether it ran. So the door
is shut first: the kernel drops attempts to connect, and whoever is dropped tries again and finds
nobody. Then the queue is served to its end (sealed: 421), and only then the server ends.
"""

import ctypes
import logging
import select
import socket
import struct
import time

_logger = logging.getLogger(__name__)

# Linux, asm-generic/socket.h; Python's `socket` does not name it.
_SO_ATTACH_FILTER = 26
# One instruction of classic BPF: return 0, which takes nothing of any packet.
_TAKE_NOTHING = struct.pack('HBBI', 0x06, 0, 0, 0)
# A queue that nobody serves must not hold up the end.
_LONGEST_SECONDS = 2.0
_POLL_SECONDS = 0.002


def serve_queue_before_shutdown(server_class):
    """Has the `shutdown` of a `socketserver` class wait for its queue."""
    original = server_class.shutdown

    def shutdown(server):
        try:
            finish_queue(server.socket)
        except Exception:
            _logger.warning('connections that wait may be lost', exc_info=True)
        original(server)

    server_class.shutdown = shutdown


def finish_queue(listener):
    """Lets nobody in any more; returns when nobody waits, as somebody else accepts them."""
    _let_nobody_in(listener)
    deadline = time.monotonic() + _LONGEST_SECONDS
    while select.select([listener], [], [], 0)[0] and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)


def _let_nobody_in(listener):
    """Connections that are let in already have no such filter."""
    code = ctypes.create_string_buffer(_TAKE_NOTHING, len(_TAKE_NOTHING))
    program = struct.pack('HP', 1, ctypes.addressof(code))
    listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
