"""Starts the parent: checks, imports, says that it is ready, serves."""

import argparse
import gc
import json
import os
import resource
import socket
import stat
import sys
import threading
from dataclasses import dataclass

from .child import become_server
from .exec_program import ExecProgram
from .odoo_program import OdooProgram
from .ownership import Untrusted, must_be_trusted
from .parent import Parent
from .process_area import ProcessArea
from .randomness import find_generators

# Odoo with the modules of a large template needs a sixth of it.
_ADDRESS_SPACE = 1 << 30


class Refused(Exception):
    """Why there is no parent."""


@dataclass(frozen=True)
class Kept:
    """What a child has of its parent."""

    program: object
    area: ProcessArea
    generators: list
    address_space: tuple


def main():
    options = _parse(sys.argv[1:])
    try:
        connection, kept = _serve(options)
    except (Refused, Untrusted) as error:
        _say({'refused': str(error)})
        sys.exit(1)
    if connection is not None:
        become_server(connection, kept)


def _serve(options):
    # Whoever started us may have left something open.
    os.closerange(3, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    address_space = resource.getrlimit(resource.RLIMIT_AS)
    area = ProcessArea()
    program = _program_of(options)
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    must_be_trusted([sys.executable, own, *program.roots()], os.geteuid())
    _bound(address_space)
    try:
        modules = program.load(lambda text: print(text, file=sys.stderr))
    except Exception as error:
        raise Refused(f'cannot import: {error}') from error
    listener = _listen(options.socket)
    _must_be_bare(listener)
    generators = find_generators()
    # What is never looked at by the collector is never written, and stays shared.
    gc.disable()
    gc.collect()
    gc.freeze()
    area.show_arguments([f'plana_forking: parent of Odoo {options.major}'])
    _say({'ready': {'modules': modules}})
    return Parent(listener, sys.stdin).serve(), Kept(program, area, generators, address_space)


def _program_of(options):
    if options.command is None:
        return ExecProgram()
    return OdooProgram(
        options.command,
        _names(options.modules),
        _names(options.addons_path),
        _names(options.languages),
    )


def _names(text):
    return [name for name in text.split(',') if name]


def _parse(arguments):
    parser = argparse.ArgumentParser(prog='plana_forking')
    parser.add_argument('--major', required=True)
    parser.add_argument('--socket', required=True, help='in a folder that only we may enter')
    parser.add_argument('--modules', default='', help='names, with commas')
    parser.add_argument('--addons-path', default='', help="folders, with commas, of the runtime's own")
    parser.add_argument('--languages', default='', help='whose first page is prepared for')
    parser.add_argument('--room', default='', help='space for the arguments of children')
    parser.add_argument('--command', nargs=2, help='interpreter and odoo-bin; absent: only exec')
    return parser.parse_args(arguments)


def _bound(address_space):
    """A parent that grows without end dies; its children have the limits of a plain start."""
    soft, hard = address_space
    if soft == resource.RLIM_INFINITY or soft > _ADDRESS_SPACE:
        resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, hard))


def _listen(path):
    folder = os.lstat(os.path.dirname(path))
    if folder.st_uid != os.geteuid() or stat.S_IMODE(folder.st_mode) != 0o700:
        raise Refused(f'{os.path.dirname(path)} is not a folder of our own with mode 0700')
    if os.path.lexists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(path)
    finally:
        os.umask(before)
    listener.listen(128)
    return listener


def _must_be_bare(listener):
    """Threads would be missing in a child, and what is open would be shared with it."""
    tasks = os.listdir('/proc/self/task')
    if len(tasks) > 1 or threading.active_count() > 1:
        raise Refused(f'{len(tasks)} threads after the import, which a fork would lose')
    expected = {0, 1, 2, listener.fileno()}
    for name in os.listdir('/proc/self/fd'):
        if int(name) in expected:
            continue
        try:
            target = os.readlink(f'/proc/self/fd/{name}')
        except OSError:
            continue  # The one that read the folder.
        raise Refused(f'{target} is open after the import')


def _say(message):
    print(json.dumps(message), flush=True)
