"""Lets the cron threads of a process sleep through notifications that mean other databases.

All servers of a PostgreSQL hear of each database that has something due, and those of Odoo 17 and
18 look into all of their own for it: with a hundred tenants awake, one that has a mail to send makes
a hundred look. What they hear names the database, so who has nothing to do with it goes on waiting,
until Odoo's own interval ends.

Whatever is not plainly somebody else's reaches Odoo, which then does as without this.
"""

import time

_CHANNEL = 'cron_trigger'


class OwnNotifications:
    """The module `select` as Odoo's server sees it, whose waits for PostgreSQL are choosier.

    `is_ours(database)` tells whether this process has to look into it.
    """

    def __init__(self, original, is_ours, clock=time.monotonic):
        self._original = original
        self._is_ours = is_ours
        self._clock = clock

    def __getattr__(self, name):
        return getattr(self._original, name)

    def select(self, readers, writers, errors, timeout=None):
        connections = [reader for reader in readers if hasattr(reader, 'notifies')]
        if len(connections) != 1 or timeout is None:
            return self._original.select(readers, writers, errors, timeout)
        end = self._clock() + timeout
        while True:
            left = max(0, end - self._clock())
            ready = self._original.select(readers, writers, errors, left)
            if ready != (connections, [], []) or not self._is_foreign(connections[0]):
                return ready

    def _is_foreign(self, connection):
        """Takes what has come off the connection; leaves on it what Odoo has to know of."""
        before = len(connection.notifies)
        try:
            connection.poll()
            came = connection.notifies[before:]
            own = [notification for notification in came if self._concerns(notification)]
        except Exception:
            # Odoo polls as well, and knows what to do with a broken connection.
            return False
        connection.notifies[before:] = own
        return bool(came) and not own

    def _concerns(self, notification):
        return notification.channel != _CHANNEL or self._is_ours(notification.payload)
