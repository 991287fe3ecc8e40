"""What Pulse sends: JSON objects, each after its length in four bytes."""

import json
import struct

MOST_BYTES = 1 << 20


def read_frame(connection):
    """Reads exactly one frame, so that the next one stays where it is."""
    (length,) = struct.unpack('>I', _exactly(connection, 4))
    if length > MOST_BYTES:
        raise ValueError(f'a frame of {length} bytes is more than {MOST_BYTES}')
    value = json.loads(_exactly(connection, length))
    if not isinstance(value, dict):
        raise ValueError('a frame is an object')
    return value


def send_line(connection, value):
    connection.sendall(json.dumps(value).encode() + b'\n')


def _exactly(connection, length):
    parts = []
    while length > 0:
        part = connection.recv(min(length, 1 << 16))
        if not part:
            raise EOFError('the connection ended within a frame')
        parts.append(part)
        length -= len(part)
    return b''.join(parts)
