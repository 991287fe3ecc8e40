"""Whether nobody else can change what is about to be imported: the parent may be root."""

import grp
import os
import pwd
import stat

_CODE = ('.py', '.pyc', '.so', '.pth', '.zip', '.egg', '.egg-link')


def _is_code(name):
    # A library that a module brings along may have its version at the end: `libpq.so.5.17`.
    return name.endswith(_CODE) or '.so.' in os.path.basename(name)


class Untrusted(Exception):
    """Names the file or folder that somebody else could change."""


def must_be_trusted(roots, user):
    """Checks the folders above each root, the folders below it and all code in them.

    Owners may be root and `user`. Raises `Untrusted` at the first path where it is otherwise.
    """
    _Check({0, user}).roots(roots)


class _Check:
    def __init__(self, owners):
        self._owners = owners
        self._seen = set()
        self._followed = set()
        self._open_groups = {}

    def roots(self, roots):
        for root in roots:
            # Both ways to it: a link on the given one could be turned elsewhere.
            for path in (os.path.abspath(root), os.path.realpath(root)):
                self._above(path)
            self._below(os.path.realpath(root))

    def _above(self, path):
        at = os.path.dirname(path)
        while at not in self._seen:
            self._seen.add(at)
            # In a sticky folder nobody can replace what is another's. What is not there is for the
            # folder above it to hold back.
            if os.path.lexists(at):
                self._judge(at, os.lstat(at), sticky_is_safe=True)
            at = os.path.dirname(at)

    def _below(self, path):
        pending = [path]
        while pending:
            at = pending.pop()
            try:
                status = os.lstat(at)
            except FileNotFoundError:
                continue  # A root of the search path that is not there: nothing comes from it.
            self._judge(at, status)
            if stat.S_ISDIR(status.st_mode):
                pending.extend(self._inside(at))

    def _inside(self, folder):
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_symlink():
                    self._judge(entry.path, entry.stat(follow_symlinks=False))
                    self._follow(entry.path)
                elif entry.is_dir(follow_symlinks=False) or _is_code(entry.name):
                    yield entry.path

    def _follow(self, link):
        """One link after the other: each could be turned elsewhere."""
        if link in self._followed or not os.path.exists(link):
            return
        self._followed.add(link)
        target = os.path.join(os.path.dirname(link), os.readlink(link))
        for path in (os.path.abspath(target), os.path.realpath(target)):
            self._above(path)
        if os.path.islink(target):
            self._judge(target, os.lstat(target))
            self._follow(target)
            return
        target = os.path.realpath(target)
        if target in self._followed:
            return
        self._followed.add(target)
        if os.path.isdir(target) or _is_code(target) or _is_code(link):
            self._below(target)

    def _judge(self, path, status, sticky_is_safe=False):
        if status.st_uid not in self._owners:
            raise Untrusted(f'{path} belongs to user {status.st_uid}')
        if stat.S_ISLNK(status.st_mode):
            return
        if sticky_is_safe and status.st_mode & stat.S_ISVTX:
            return
        if status.st_mode & stat.S_IWOTH:
            raise Untrusted(f'{path} is writable by everybody')
        if status.st_mode & stat.S_IWGRP and self._has_members(status.st_gid):
            raise Untrusted(f'{path} is writable by group {status.st_gid}')

    def _has_members(self, group):
        if group not in self._open_groups:
            self._open_groups[group] = _has_other_members(group, self._owners)
        return self._open_groups[group]


def _has_other_members(group, owners):
    """Debian's `/usr/local` is writable by group staff, which nobody is in: nobody is meant."""
    if any(one.pw_gid == group and one.pw_uid not in owners for one in pwd.getpwall()):
        return True
    try:
        names = grp.getgrgid(group).gr_mem
    except KeyError:
        # Without an entry nobody can say who is in it; only a process of root could have it.
        return True
    return any(_uid_of(name) not in owners for name in names)


def _uid_of(name):
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        return None
