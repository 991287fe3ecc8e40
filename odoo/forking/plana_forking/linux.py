"""The calls of the kernel that Python (before 3.12) has no name for."""

import ctypes
import os

_CLONE_NEWNS = 0x20000
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_MS_RDONLY = 1
_MS_NOSUID = 2
_MS_NODEV = 4
_MS_REMOUNT = 1 << 5
_MS_BIND = 1 << 12
_MS_MOVE = 1 << 13
_MS_REC = 1 << 14
_MS_SLAVE = 1 << 19
_CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def own_mounts():
    """A mount namespace of its own; what is mounted in it does not reach the machine."""
    _call(_libc.unshare, _CLONE_NEWNS)
    _mount('none', '/', None, _MS_REC | _MS_SLAVE)


def bind_mount(source, target, recursive=False):
    """`recursive`: with what is mounted below it."""
    _mount(source, target, None, _MS_BIND | (_MS_REC if recursive else 0))


def restrict_mount(target, read_only):
    """What is bound there brings no set-user-id programs and no devices; or can only be read."""
    flags = _MS_NOSUID | _MS_NODEV | (_MS_RDONLY if read_only else 0)
    _mount('none', target, None, _MS_REMOUNT | _MS_BIND | flags)


def overlay_mount(target, lower):
    """Read-only: it has no upper layer. `lower`: folders with colons between them, the first one wins."""
    _mount('pulse', target, 'overlay', 0, f'lowerdir={lower}')


def memory_mount(target, size, files):
    """An empty folder in memory, open to all as `/tmp` is. `size`: bytes; `files`: at most so many."""
    data = f'size={size},nr_inodes={files},mode=1777'
    _mount('pulse', target, 'tmpfs', _MS_NOSUID | _MS_NODEV, data)


def move_mount(source, target):
    _mount(source, target, None, _MS_MOVE)


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


def _mount(source, target, kind, flags, data=None):
    words = (None if word is None else os.fsencode(word) for word in (source, target, kind))
    settings = None if data is None else os.fsencode(data)
    try:
        _call(_libc.mount, *words, ctypes.c_ulong(flags), settings)
    except OSError as error:
        raise OSError(error.errno, f'{error.strerror}: {target}') from error


def _call(function, *arguments):
    if function(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f'{function.__name__}: {os.strerror(code)}')
