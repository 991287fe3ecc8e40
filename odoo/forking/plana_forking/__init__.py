"""A parent process that has Odoo imported, and forks a server for each instance that wakes.

A fork of it answers its first page in a fraction of the time that a plain start takes, and shares
the memory of all that is imported. The parent has no threads, no connections to a database, no
secrets and no requests of its own: what a tenant's server needs goes from Pulse straight to the
child, and the parent never reads it, so that no later child can inherit it.

One connection to its socket is one fork:

    Pulse → two frames (frames.py): how to confine the process, then what it runs
    child → {"born": {"pid": 1, "startTicks": 2}}     it has passed its gate and goes on
    parent → {"exit": 0}                               negative: the signal that ended it
    parent → {"refused": "…"}                          there is no child

Nothing here imports Odoo but `odoo_program.py`, and that only when told to. The parent must not
import `plana_gateway`: Odoo would believe it loaded, and serve without its guard.
"""
