#!/usr/bin/env python3
"""Seals the server beside which it runs, and waits until its last request has ended.

For `lifecycle.preStop.exec`: `python3 -S -E seal.py [--address=A] [--port=P] [--timeout=S]`. Odoo
gives running requests one second after SIGTERM; sealed and drained first, none is lost.

Reads PULSE_BACKEND_ID and PULSE_BACKEND_KEY_FILE, and POD_IP where no address is given. Exit status
0: sealed and drained; 1: not (not reachable, refused, or something still ran when the time was
over; in the last case the seal holds nevertheless). With workers the gevent port answers at once,
while the HTTP port answers when a worker is free.

Imports as little as it can: it must not keep a stopping pod waiting for itself.
"""

import os
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from identity import HEADER, IdentityError, identity_from  # noqa: E402

_DEFAULTS = {'address': '', 'port': '8069', 'timeout': '30'}
# The server gives up this much earlier than we do, so that we hear it say so.
_MARGIN_SECONDS = 1.0


class SealError(Exception):
    """Why the server is not sealed and drained."""


def main(arguments, environment):
    """The exit status."""
    try:
        options = _parse(arguments)
        address = options['address'] or environment.get('POD_IP') or '127.0.0.1'
        deadline = time.monotonic() + float(options['timeout'])
        request = _request(identity_from(environment), address, float(options['timeout']))
        status = _ask((address, int(options['port'])), request, deadline)
    except (SealError, IdentityError, OSError, ValueError) as error:
        sys.stderr.write(f'seal: {error}\n')
        return 1
    if status == 200:
        return 0
    sys.stderr.write(f'seal: the server answered {status}\n')
    return 1


def _parse(arguments):
    options = dict(_DEFAULTS)
    for argument in arguments:
        name, equals, value = argument.removeprefix('--').partition('=')
        if not argument.startswith('--') or name not in options or not equals:
            raise SealError(f'unknown argument {argument!r}; known: --address= --port= --timeout=')
        options[name] = value
    return options


def _request(identity, address, timeout_seconds):
    host = f'[{address}]' if ':' in address else address
    wait_seconds = max(0.0, timeout_seconds - _MARGIN_SECONDS)
    lines = [
        f'POST /plana/seal?timeout={wait_seconds:.3f} HTTP/1.1',
        f'Host: {host}',
        f'{HEADER}: {identity.control_value}',
        'Content-Length: 0',
        'Connection: close',
    ]
    return ('\r\n'.join(lines) + '\r\n\r\n').encode('ascii')


def _ask(server, request, deadline):
    """The status of the answer; only its first line matters."""
    with socket.create_connection(server, timeout=_left(deadline)) as connection:
        connection.sendall(request)
        answer = b''
        while b'\r\n' not in answer and len(answer) < 1024:
            connection.settimeout(_left(deadline))
            received = connection.recv(1024)
            if not received:
                break
            answer += received
    words = answer.split(b' ', 2)
    if len(words) < 2 or not words[1][:3].isdigit():
        raise SealError('the server hung up without an answer')
    return int(words[1][:3])


def _left(deadline):
    left = deadline - time.monotonic()
    if left <= 0:
        raise SealError('the time is over')
    return left


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:], os.environ))
