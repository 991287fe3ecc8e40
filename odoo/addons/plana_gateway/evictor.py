"""Carries out the eviction of idle registries inside Odoo; the rules are in `idle_registries`."""

import ctypes
import gc
import logging
import os
import threading
import time

from odoo import sql_db
from odoo.modules.registry import Registry
from odoo.tools import config

from .idle_registries import Uses, sweep

_logger = logging.getLogger(__name__)
_PAGE_BYTES = os.sysconf('SC_PAGE_SIZE')


class Evictor:
    """Notes each use of a registry, and looks for idle ones from a thread of each process.

    The thread starts at the first use outside the main thread: the first process of a prefork
    server uses registries there only, and must not have threads when it forks. In the gevent
    process a thread is a greenlet, and sleeping yields.
    """

    def __init__(self, limits):
        self._limits = limits
        self._uses = Uses()
        self._registries = _Registries()
        self._pid = None
        self._mutex = threading.Lock()

    def install(self):
        """Every way to a registry leads through `Registry(name)`, in 17, 18 and 19 alike."""
        original = Registry.__new__

        def __new__(cls, db_name):
            self._uses.touch(db_name, time.monotonic())
            if self._pid != os.getpid():
                self._start()
            return original(cls, db_name)

        Registry.__new__ = staticmethod(__new__)
        os.register_at_fork(after_in_child=self._renew_mutex)

    def _start(self):
        if threading.current_thread() is threading.main_thread():
            return
        with self._mutex:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
        threading.Thread(target=self._run, name='plana_gateway.evictor', daemon=True).start()

    def _run(self):
        while True:
            time.sleep(self._limits.tick_seconds)
            try:
                evicted = sweep(self._limits, self._uses, self._registries, time.monotonic())
            except Exception:
                _logger.warning('cannot look for idle registries', exc_info=True)
                continue
            if evicted:
                _logger.info('evicted idle registries: %s', ', '.join(evicted))

    def _renew_mutex(self):
        self._mutex = threading.Lock()


class _Registries:
    """This process's registries and connections, as `sweep` wants to see them."""

    protected = frozenset()

    def __init__(self):
        named = config['db_name'] or []
        # 17 and 18 keep the text as it was given, 19 a list.
        names = named.split(',') if isinstance(named, str) else named
        self.protected = frozenset(name.strip() for name in names)

    def loaded(self):
        """One that is still loading is not: it counts from the moment it is ready."""
        registries = Registry.registries
        with registries._lock:
            # 17 and 18 keep an ordered dictionary, 19 makes a copy for whoever asks.
            found = dict(registries.d) if hasattr(registries, 'd') else registries.snapshot
        return [name for name, registry in found.items() if registry.ready]

    def is_in_use(self, database):
        return any(used for _connection, used in _connections_to(database))

    def evict(self, database):
        """Whoever holds `Registry._lock` is loading one, which may take seconds: then not now."""
        if not Registry._lock.acquire(blocking=False):
            return False
        try:
            if self.is_in_use(database):
                return False
            Registry.delete(database)
        finally:
            Registry._lock.release()
        # Models, fields and caches point at one another in circles.
        gc.collect()
        _close_idle_connections(database)
        _return_free_memory()
        return True

    def memory_bytes(self):
        with open('/proc/self/statm', encoding='ascii') as file:
            return int(file.read().split()[1]) * _PAGE_BYTES


def _pools():
    pools = (getattr(sql_db, '_Pool', None), getattr(sql_db, '_Pool_readonly', None))
    # Not by truth: a pool may count its connections for that.
    return [pool for pool in pools if pool is not None]


def _connections_to(database):
    found = []
    for pool in _pools():
        with pool._lock:
            found.extend(_entries(pool, database))
    return found


def _close_idle_connections(database):
    """The pool itself forgets a closed connection the next time it is asked for one."""
    for pool in _pools():
        with pool._lock:
            for connection, used in _entries(pool, database):
                if not used:
                    connection.close()


def _entries(pool, database):
    """17 and 18 keep [connection, used, since], 19 connections that know whether they are used."""
    for entry in pool._connections:
        if isinstance(entry, (list, tuple)):
            connection, used = entry[0], entry[1]
        else:
            connection, used = entry, entry._pool_in_use
        if not connection.closed and connection.info.dbname == database:
            yield connection, used


def _return_free_memory():
    """Hands freed pages back to the system, where the C library can."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError):
        pass
