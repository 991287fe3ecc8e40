"""The arguments and variables that the kernel shows of a process: /proc/PID/cmdline and environ.

They are the memory in which the program found them when it was started. A fork has its parent's,
and is nobody's by them; writing its own there makes it found by its token, and read by whoever
runs a command beside it, exactly as a plainly started one. The parent is started with room.
"""

import ctypes
import os


class ProcessArea:
    """Of this process and its forks; to be found before the user is changed."""

    def __init__(self):
        with open('/proc/self/stat', encoding='utf-8', errors='replace') as file:
            # The name in brackets may hold spaces; field 3 follows it.
            fields = file.read().rpartition(')')[2].split()
        arg_start, arg_end, env_start, env_end = (int(field) for field in fields[45:49])
        self._arguments = (arg_start, arg_end - arg_start)
        self._variables = (env_start, env_end - env_start)

    def show_arguments(self, arguments):
        """What `ps` shows; too much is cut."""
        start, size = self._arguments
        _write(start, size, _joined(arguments)[: size - 1])

    def fits(self, variables):
        return len(_joined(_entries(variables))) <= self._variables[1]

    def show_variables(self, variables):
        """The environment must not point into the area any more: see `replace_environment`."""
        start, size = self._variables
        _write(start, size, _joined(_entries(variables)))


def replace_environment(variables):
    """Nothing of the old one stays; the new one lies in memory of its own."""
    for name in list(os.environ):
        del os.environ[name]
    os.environ.update(variables)


def _entries(variables):
    return [f'{name}={value}' for name, value in variables.items()]


def _joined(texts):
    return b''.join(os.fsencode(text) + b'\0' for text in texts)


def _write(start, size, content):
    ctypes.memmove(start, content.ljust(size, b'\0'), size)
