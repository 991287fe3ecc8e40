"""From the fork to the server: confines itself, in this order, and only then reads what is secret.

Whatever fails ends the process with the status that says "could not be set up", as a plain start
does, and its reason stands in the container's log.
"""

import gc
import os
import resource
import signal
import sys
import tempfile
import time
import traceback

from . import linux
from .frames import read_frame, send_line
from .mounting import carry_out
from .process_area import replace_environment
from .randomness import reseed

SETUP_FAILED = 125
# Pulse has sent both frames before it waits for an answer.
_SECONDS_FOR_A_FRAME = 10


def become_server(connection, kept):
    """Runs in the child. `kept` is what the parent has prepared: see `Kept` in main.py."""
    try:
        _confine(connection, kept)
        command = _take_program(connection, kept)
    except EOFError:
        # Pulse has gone before it had said everything.
        os._exit(SETUP_FAILED)
    except BaseException:  # noqa: BLE001: nothing may go on half confined
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(SETUP_FAILED)
    own = list(kept.program.command)
    if command[: len(own)] == own and own and _prepare(kept, command[len(own) :]):
        kept.program.run()
        return
    _execute(command)


def _execute(command):
    """The same process, confined the same way, as it would have been without a parent."""
    # What Python ignores for itself another program must not find ignored.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.stderr.write(f'{command[0]}: {error.strerror}\n')
        sys.stderr.flush()
        # As a shell says it.
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def _confine(connection, kept):
    os.setsid()
    connection.settimeout(_SECONDS_FOR_A_FRAME)
    setup = read_frame(connection)
    _open_log(setup['log'])
    _pass_gate(setup, connection, kept.area)
    for group in setup['cgroups']:
        with open(os.path.join(group, 'cgroup.procs'), 'w', encoding='ascii') as file:
            file.write(str(os.getpid()))
    if setup['mounts'] is not None:
        linux.own_mounts()
        carry_out(setup['mounts'])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, kept.address_space)
    user = setup['user']
    # A Pulse of the release before says nothing of processes.
    processes = setup.get('mostProcesses')
    if processes is not None:
        resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        linux.drop_capabilities()
    linux.no_new_privileges()
    linux.dumpable()
    os.umask(0o077)
    _close_all_but({0, 1, 2, connection.fileno()})


def _open_log(path):
    """By its path, since Node cannot send a descriptor; while the user may still open it."""
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, target)


def _pass_gate(setup, connection, area):
    """First its certificate of birth, then whether it may live: see `makeLaunch` in the engine."""
    with open('/proc/self/stat', encoding='utf-8', errors='replace') as file:
        born = file.read()
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    descriptor = os.open(setup['birth'], flags, 0o600)
    with open(descriptor, 'w', encoding='utf-8', errors='replace') as file:
        file.write(born)
    if not os.path.exists(setup['gate']):
        os._exit(SETUP_FAILED)
    # From here on it is found by its token, too.
    replace_environment({})
    area.show_variables({'PULSE_START': setup['token']})
    ticks = int(born.rpartition(')')[2].split()[19])
    send_line(connection, {'born': {'pid': os.getpid(), 'startTicks': ticks}})


def _close_all_but(kept):
    for name in os.listdir('/proc/self/fd'):
        if int(name) not in kept:
            try:
                os.close(int(name))
            except OSError:
                pass  # The one that read the folder.


def _take_program(connection, kept):
    """The environment, which may be secret, and the command; only this process reads them."""
    reseed(kept.generators)
    program = read_frame(connection)
    connection.close()
    variables = {**program['variables'], 'PULSE_START': program['token']}
    replace_environment(variables)
    time.tzset()
    # The parent's choice, if it has made one.
    tempfile.tempdir = None
    if kept.area.fits(variables):
        kept.area.show_variables(variables)
        kept.area.show_arguments(program['command'])
    os.chdir(program['workingDir'])
    gc.enable()
    return program['command']


def _prepare(kept, arguments):
    if not kept.area.fits(dict(os.environ)):
        # A command beside it could not read its variables.
        return False
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    # As `odoo-bin` and the interpreter do at their start.
    os.environ['TZ'] = 'UTC'
    if not {'LC_ALL', 'LC_CTYPE', 'LANG'} & os.environ.keys():
        os.environ['LC_CTYPE'] = 'C.UTF-8'
    time.tzset()
    try:
        return kept.program.prepare_child(arguments)
    except Exception:
        traceback.print_exc()
        return False
