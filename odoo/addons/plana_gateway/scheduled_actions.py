"""Runs the due scheduled actions of a database that nobody visits.

A threaded Odoo runs the schedules of loaded registries only, so a restart or an eviction silences
those of everybody who stays away. The gateway knows what is due and asks for it here; the run is
Odoo's own (`ir.cron._process_jobs`), with its locks, so a cron worker that is quicker does no harm.
"""

import fcntl
import hashlib
import logging
import math
import os
import threading
import time
from contextlib import closing, contextmanager

import psycopg2
from odoo import http, sql_db
from odoo.addons.base.models import ir_cron
from odoo.modules.registry import Registry

_logger = logging.getLogger(__name__)
_running = threading.local()

# 17 and 18 name the class as the file, 19 in camel case.
_definition = getattr(ir_cron, 'IrCron', None) or ir_cron.ir_cron

_NEXT_DUE = """
    SELECT extract(epoch FROM min(due)) FROM (
        SELECT nextcall AS due FROM ir_cron WHERE active
        UNION ALL
        SELECT t.call_at FROM ir_cron_trigger t JOIN ir_cron c ON c.id = t.cron_id WHERE c.active
    ) AS dues
"""


class CronError(Exception):
    """Why nothing was run; its text is shown to the gateway."""


class ScheduledActions:
    """`lock_prefix` is the beginning of the lock files' names, the same in all processes."""

    def __init__(self, lock_prefix):
        self._lock_prefix = lock_prefix
        _count_jobs()

    def __call__(self, database):
        """The number of jobs run, and when the next is due (epoch seconds, or None).

        A time that has passed means that something is due still: a job that goes on in batches,
        one that another process is running, or one whose run Odoo has undone.
        """
        if not is_served(database):
            raise CronError('this server does not serve that database')
        with self._alone(database):
            try:
                return _run(database)
            except ir_cron.BadVersion:
                raise CronError("the database is of another version than Odoo's code") from None
            except ir_cron.BadModuleState:
                raise CronError('modules are being installed, upgraded or removed') from None
            except psycopg2.Error as error:
                _logger.warning('schedules of %s did not run', database, exc_info=True)
                raise CronError(f'the database refused: {type(error).__name__}') from error

    @contextmanager
    def _alone(self, database):
        """One run at a time for a database, in all processes; a dead one's lock is freed."""
        digest = hashlib.sha256(database.encode()).hexdigest()[:16]
        descriptor = os.open(
            f'{self._lock_prefix}.cron-{digest}', os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise CronError('the schedules of that database are running already') from None
        try:
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)
            os.close(descriptor)


def is_served(database):
    """For a visitor whose host has the database's name: by db-filter, or because it is ours alone."""
    return database in http.db_list(force=True, host=database)


def serves_host(host):
    """Whether Odoo takes the database of this name for the host, and not, lacking a filter, its only one."""
    return http.db_list(force=True, host=host) == [host.partition(':')[0]]


def _run(database):
    Registry(database).check_signaling()
    # Odoo only logs these two; the gateway must know that nothing ran.
    with closing(sql_db.db_connect(database).cursor()) as cursor:
        _definition._check_version(cursor)
        ready = _definition._get_all_ready_jobs(cursor)
        if ready:
            _definition._check_modules_state(cursor, ready)
            cursor.commit()

    with _as_cron_thread():
        _running.jobs = 0
        try:
            if ready:
                _definition._process_jobs(database)
            jobs = _running.jobs
        finally:
            del _running.jobs

    with closing(sql_db.db_connect(database).cursor()) as cursor:
        cursor.execute(_NEXT_DUE)
        (due,) = cursor.fetchone()
    return jobs, None if due is None else math.ceil(due)


@contextmanager
def _as_cron_thread():
    """A threaded server restarts when a thread outlives its limit; this one has a cron's."""
    thread = threading.current_thread()
    missing = object()
    before = {name: getattr(thread, name, missing) for name in ('type', 'start_time')}
    thread.type, thread.start_time = 'cron', time.time()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is missing:
                delattr(thread, name)
            else:
                setattr(thread, name, value)


def _count_jobs():
    """Every job passes `_process_job`, whatever a tenant's modules add to it."""
    original = _definition.__dict__['_process_job'].__func__

    def _process_job(cls, *args, **kwargs):
        if hasattr(_running, 'jobs'):
            _running.jobs += 1
        return original(cls, *args, **kwargs)

    _definition._process_job = classmethod(_process_job)
