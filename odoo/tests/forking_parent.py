"""A parent with a small program in place of Odoo, and Pulse's side of its socket."""

import json
import os
import select
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from forking_path import FORKING

# What `odoo_program.py` needs of Odoo; `odoo.cli.main` runs the Python text in its first argument.
_TREE = {
    'odoo-bin': '',
    'odoo/__init__.py': '',
    'odoo/cli.py': 'import sys\ndef main():\n    exec(sys.argv[1], {})\n',
    'odoo/http.py': '',
    'odoo/modules/__init__.py': '',
    'odoo/modules/module.py': 'def get_manifest(name):\n    return {}\n',
    'odoo/modules/registry.py': '',
    'odoo/service/__init__.py': '',
    'odoo/service/server.py': '',
    'odoo/tools/__init__.py': 'from . import config\n',
    'odoo/tools/config.py': (
        'import os\nimport odoo.addons\ndef parse_config(args, *, setup_logging=None):\n'
        '    core = odoo.addons.__path__[-1]\n'
        '    own = os.environ.get("ADDONS", "").split()\n'
        '    odoo.addons.__path__[:] = [*own, os.path.join(core, "../../addons"), core]\n'
    ),
    'odoo/tools/translate.py': 'code_translations = None\n',
    'odoo/addons/__init__.py': '',
    'odoo/addons/base/__manifest__.py': '{}',
    'odoo/addons/base/__init__.py': (
        'import random, tempfile\nown = random.Random(1)\ntempfile.gettempdir()\n'
    ),
    'addons/sale/__manifest__.py': '{}',
    'addons/sale/__init__.py': 'loaded_in = __import__("os").getpid()\n',
    'addons/plana_gateway/__manifest__.py': '{"post_load": "post_load"}',
    'addons/plana_gateway/__init__.py': '',
    'addons/hooked/__manifest__.py': '{"post_load": "hook"}',
    'addons/hooked/__init__.py': '',
    'addons/threaded/__manifest__.py': '{}',
    'addons/threaded/__init__.py': (
        'import threading, time\n'
        'threading.Thread(target=time.sleep, args=[600], daemon=True).start()\n'
    ),
    'addons/opener/__manifest__.py': '{}',
    'addons/opener/__init__.py': 'kept = open("/etc/hostname")\n',
}


# How the others differ where `odoo_program.py` looks: 17 sets up its log whenever it parses, and in
# 19 `odoo.addons` is a namespace, whose path can only grow.
_DIFFERENCES = {
    '17': {
        'odoo/tools/config.py': _TREE['odoo/tools/config.py'].replace(
            ', *, setup_logging=None', ''
        ),
    },
    '18': {},
    '19': {
        'odoo/addons/__init__.py': None,
        'odoo/tools/config.py': (
            'import os\nimport odoo.addons\ndef parse_config(args, *, setup_logging=None):\n'
            '    for path in [*odoo.addons.__path__]:\n'
            '        odoo.addons.__path__.append(os.path.join(path, "../../addons"))\n'
        ),
    },
}


class Place:
    """A folder with the small Odoo and all that a fork needs."""

    def __init__(self, major='18'):
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name)
        # Tenants must reach what they import; the folder of the socket is ours alone.
        self.path.chmod(0o755)
        self.source = self.path / 'source'
        for name, text in {**_TREE, **_DIFFERENCES[major]}.items():
            if text is None:
                continue
            file = self.source / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        (self.path / 'sockets').mkdir(mode=0o700)
        self.socket = self.path / 'sockets' / 'socket'

    def remove(self):
        self._folder.cleanup()


class ParentUnderTest:
    """Started as Pulse starts it."""

    def __init__(self, place, modules='base,sale', loads=True, fds=()):
        self.place = place
        self.command = [sys.executable, str(place.source / 'odoo-bin')]
        loading = [
            *(f'--modules={modules}', f'--addons-path={place.source / "addons"}'),
            *('--command', *self.command),
        ]
        self.process = subprocess.Popen(
            [
                *(sys.executable, '-I', '-B', str(FORKING), '--major=18'),
                *(f'--socket={place.socket}', f'--room={" " * 4000}', *(loading if loads else [])),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=fds,
            env={'PATH': os.defpath, 'PULSE_ROOM': ' ' * 50_000},
        )
        self.said = json.loads(self.process.stdout.readline() or b'{}')

    def fork(self, text, **changes):
        return Fork(self, text, changes)

    def end(self):
        self.process.stdin.close()
        status = self.process.wait(10)
        self.process.stdout.close()
        self.process.stderr.close()
        return status


class Fork:
    """One connection to the parent. `text` is the Python program that the child runs."""

    count = 0

    def __init__(self, parent, text, changes):
        Fork.count += 1
        place = parent.place.path / f'fork-{Fork.count}'
        place.mkdir()
        place.chmod(0o711)
        self.log = place / 'log'
        self.log.touch(0o600)
        self.birth = place / 'birth'
        gate = place / 'gate'
        if changes.pop('gate', True):
            gate.touch()
        self.token = f'token-{Fork.count}'
        setup = {
            'token': self.token,
            'gate': str(gate),
            'birth': str(self.birth),
            'log': str(self.log),
            'cgroups': changes.pop('cgroups', []),
            'mounts': changes.pop('mounts', None),
            'user': changes.pop('user', None),
            'mostProcesses': changes.pop('mostProcesses', None),
        }
        program = {
            'token': self.token,
            'variables': {'PATH': os.defpath, **changes.pop('variables', {})},
            'workingDir': '/',
            'command': changes.pop('command', [*parent.command, text]),
        }
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.settimeout(20)
        self.connection.connect(str(parent.place.socket))
        for frame in changes.pop('frames', (setup, program)):
            self.send(json.dumps(frame).encode())
        self._lines = self.connection.makefile()

    def send(self, content):
        self.connection.sendall(struct.pack('>I', len(content)) + content)

    def hear(self):
        """The next thing that is said; None at the end."""
        line = self._lines.readline()
        return json.loads(line) if line else None

    def born(self):
        message = self.hear()
        if message is None or 'born' not in message:
            raise AssertionError(f'{message}: {self.log.read_text()}')
        return message['born']['pid']

    def result(self):
        """Its exit status and what it has printed."""
        self.born()
        status = self.hear()['exit']
        return status, self.log.read_text()

    def close(self):
        self._lines.close()
        self.connection.close()


def ends(pid):
    """Waits for the end of a process that is not a child of ours."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], 20)[0])
    finally:
        os.close(descriptor)
