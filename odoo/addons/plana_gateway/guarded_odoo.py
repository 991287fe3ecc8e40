"""Joins the parts to Odoo: what `post_load` does in each program of a server.

A prefork server's workers are forked after this and need nothing more. Its gevent process is a
program of its own that runs this again, and joins the state file of the process that started it.
"""

import inspect
import logging
import os

import odoo
import psycopg2
from odoo import http
from odoo.modules.registry import Registry
from odoo.service import db as odoo_databases
from odoo.service import server as odoo_server
from odoo.tools import config

from .guard import Guard
from .identity import identity_from
from .idle_registries import limits_from
from .last_connections import serve_queue_before_shutdown
from .own_notifications import OwnNotifications
from .readiness import Readiness
from .server_state import create_state, join_state, state_path
from .stop_signals import wake_main_thread_to_end
from .unopened_databases import UnopenedError, tell_to_come_again

_logger = logging.getLogger(__name__)
_unopened = getattr(http, 'RegistryError', UnopenedError)
# What Odoo itself takes for a database that cannot be opened, or is none of its own.
_NOT_OPENED = (AttributeError, psycopg2.OperationalError, psycopg2.ProgrammingError)


def install():
    """Guards `odoo.http.root`; fails, and so ends the process, where it cannot."""
    if getattr(http.Application, 'plana_gateway', None) is not None:
        return
    identity = identity_from(os.environ)
    limits = limits_from(os.environ)
    # Programs that Odoo starts, such as the printer of reports, load from this very server.
    os.environ['PULSE_BACKEND_IDENTITY'] = identity.header_value
    state = _state()

    # Imports ir.cron, which needs Odoo's addons path.
    from .scheduled_actions import ScheduledActions, serves_host  # noqa: PLC0415

    original = http.Application.__call__

    def application(environ, start_response):
        return original(http.root, environ, start_response)

    guard = Guard(
        application,
        identity,
        state,
        is_ready=Readiness(application, serves_host),
        run_cron=ScheduledActions(state.path),
    )
    http.Application.__call__ = lambda _root, environ, start_response: guard(
        environ, start_response
    )
    http.Application.plana_gateway = guard
    tell_to_come_again(http.Request, _open_database, _list_databases, _unopened)
    threaded = getattr(odoo_server, 'ThreadedWSGIServerReloadable', None)
    if threaded is not None:
        serve_queue_before_shutdown(threaded)
    if not config['workers'] and not _is_evented():
        wake_main_thread_to_end()

    if not limits.is_none:
        from .evictor import Evictor  # noqa: PLC0415

        Evictor(limits).install()
    if hasattr(odoo_server, 'select') and not _reads_notifications():
        odoo_server.select = OwnNotifications(odoo_server.select, _has_schedules_of)
    _logger.info('guarded as %s', os.environ['PULSE_BACKEND_ID'])


def _open_database(name):
    """Odoo 17 forgets the database in the session before anybody hears of it: so it is asked first."""
    if _unopened is not UnopenedError:
        return
    try:
        Registry(name).check_signaling()
    except _NOT_OPENED as error:
        raise UnopenedError(name) from error


def _list_databases():
    """Odoo's requests take a list that they could not get for an empty one."""
    try:
        odoo_databases.list_dbs(force=True)
    except psycopg2.OperationalError as error:
        raise _unopened('postgres') from error


def _state():
    if _is_evented():
        server = os.getppid()
        return join_state(state_path(os.environ, server), server)
    return create_state(state_path(os.environ, os.getpid()))


def _is_evented():
    return getattr(odoo, 'evented', False)


def _reads_notifications():
    """19 looks into the databases that are meant; so may a later 17 or 18, by rules of its own."""
    try:
        return 'notifies' in inspect.getsource(odoo_server)
    except OSError:
        return True


def _has_schedules_of(database):
    """Threads look into loaded registries, a cron worker into what it serves, named or not."""
    named = config['db_name']
    if config['workers'] and not named:
        return True
    return database in Registry.registries or database in (named or '').split(',')
