"""Who asks for a database that cannot be opened is told to come again, and stays logged in.

Odoo takes such a database for gone: it ends the visitor's session and answers as a server without
databases does, with a redirect to the very same page or to the selector, to programs with 404. So
a PostgreSQL that is back after seconds would find everybody logged out. Here the answer is 503,
before the session has changed: neither its file nor the cookie.

Free of Odoo, so that it can be tested without.
"""

import logging

from .guard import HEALTH_PATH, send

_logger = logging.getLogger(__name__)
_RETRY_AFTER_SECONDS = 5
# No JSON: Odoo's web client then says that the connection is lost, and tries again by itself.
_TEXT = b'The database cannot be reached at the moment. Please try again shortly.\n'


class UnopenedError(Exception):
    """Says what Odoo's own `RegistryError` says, where there is none; its cause tells why."""


def tell_to_come_again(request_class, open_database, list_databases, unopened=UnopenedError):
    """Wraps how Odoo's requests are served, with a database and without.

    `open_database(name)` runs before Odoo opens it and raises `unopened` where it cannot, as Odoo
    itself may do; `list_databases()` raises it where PostgreSQL cannot be asked which there are.
    """
    serve_with, serve_without = request_class._serve_db, request_class._serve_nodb

    def _serve_db(request):
        try:
            open_database(request.db)
            return serve_with(request)
        except unopened as error:
            if _is_health(request):
                # A probe asks for the process, and its answer saves no session.
                request.db = None
                return serve_without(request)
            return _unavailable(request.db, error)

    def _serve_nodb(request):
        if not _is_health(request):
            try:
                list_databases()
            except unopened as error:
                return _unavailable('postgres', error)
        return serve_without(request)

    request_class._serve_db, request_class._serve_nodb = _serve_db, _serve_nodb


def _is_health(request):
    return request.httprequest.path == HEALTH_PATH


def _unavailable(database, error):
    cause = ' '.join(str(error.__cause__ or error).split())
    _logger.warning('cannot open database %s: %s', database, cause)
    return _come_again


def _come_again(environ, start_response):
    headers = [
        ('Content-Type', 'text/plain; charset=utf-8'),
        ('Retry-After', str(_RETRY_AFTER_SECONDS)),
    ]
    return send(environ, start_response, 503, headers, _TEXT)
