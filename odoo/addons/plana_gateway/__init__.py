"""Puts a gate in front of Odoo: server-wide, for Odoo 17, 18 and 19.

Loaded with `--load=base,web,plana_gateway`. Nothing here imports Odoo before `post_load` runs, so
that the parts can be tested without it. A process that forks servers out of a parent must not
import this package in the parent: Odoo then believes it loaded, and never calls `post_load`.
"""


def post_load():
    """Guards every request of this server, or ends the process.

    Odoo logs what goes wrong in a server-wide module and starts without it; a server without its
    gate would answer anybody, so whatever fails here ends the process instead.
    """
    try:
        from .guarded_odoo import install  # noqa: PLC0415 (imports odoo)

        install()
    except Exception as error:
        raise SystemExit(f'plana_gateway: this server does not start: {error}') from error
