"""The calls of the kernel that Python (before 3.12) has no name for."""

import ctypes
import os

_CLONE_NEWNS = 0x20000
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_MS_REMOUNT_REC_SLAVE = (1 << 14) | (1 << 19)
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def own_mounts():
    """A mount namespace of its own; what is mounted in it does not reach the machine."""
    _call(_libc.unshare, _CLONE_NEWNS)
    _call(_libc.mount, b'none', b'/', None, ctypes.c_ulong(_MS_REMOUNT_REC_SLAVE), None)


def drop_capabilities():
    """All of them, inheritable ones too: what a later exec could not give back."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _call(_libc.capset, header, nothing)


def no_new_privileges():
    _call(_libc.prctl, _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def dumpable():
    """After a change of user /proc/self would be root's: a plainly started server may read its own."""
    _call(_libc.prctl, _PR_SET_DUMPABLE, 1, 0, 0, 0)


def _call(function, *arguments):
    if function(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f'{function.__name__}: {os.strerror(code)}')
