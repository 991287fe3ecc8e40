import select
import socket
import unittest
from collections import namedtuple

import addons_path  # noqa: F401
from plana_gateway.own_notifications import OwnNotifications

Notification = namedtuple('Notification', 'channel payload')
NOBODY = ([], [], [])


class OwnNotificationsTest(unittest.TestCase):
    def setUp(self):
        self.connection = Connection()
        self.addCleanup(self.connection.close)
        self.select = OwnNotifications(select, lambda database: database in ('acme', 'beta'))

    def wait(self, timeout=60, others=()):
        return self.select.select([*others, self.connection], [], [], timeout)

    def payloads(self):
        return [notification.payload for notification in self.connection.notifies]

    def test_one_for_another_database_is_slept_through(self):
        self.connection.hear('zeta')
        self.assertEqual(self.wait(timeout=0.05), NOBODY)
        self.assertEqual(self.payloads(), [])

    def test_the_wait_ends_when_it_would_have_whatever_is_heard_on_the_way(self):
        timed = TimedSelect(self.connection, ['zeta', 'zeta', None])
        choosy = OwnNotifications(timed, lambda _: False, clock=lambda: timed.now)
        self.assertEqual(choosy.select([self.connection], [], [], 60), NOBODY)
        self.assertEqual(timed.timeouts, [60, 40, 20])

    def test_one_for_an_own_database_ends_the_wait_whatever_else_has_come(self):
        for payloads in (['acme'], ['zeta', 'beta', 'zeta'], ['acme', 'beta']):
            self.connection.notifies.clear()
            self.connection.hear(*payloads)
            self.assertEqual(self.wait(), ([self.connection], [], []))
            self.assertEqual(self.payloads(), [name for name in payloads if name != 'zeta'])

    def test_an_own_one_that_odoo_has_seen_already_does_not_end_the_next_wait(self):
        self.connection.hear('acme')
        self.wait()
        self.connection.hear('zeta')
        self.assertEqual(self.wait(timeout=0), NOBODY)
        self.assertEqual(self.payloads(), ['acme'])

    def test_one_of_a_channel_we_do_not_know_ends_the_wait(self):
        self.connection.hear('zeta', channel='other')
        self.assertEqual(self.wait(), ([self.connection], [], []))
        self.assertEqual(self.payloads(), ['zeta'])

    def test_a_connection_that_fails_or_says_nothing_is_left_to_odoo(self):
        self.connection.wake()
        self.assertEqual(self.wait(), ([self.connection], [], []))
        self.connection.hear('zeta')
        self.connection.failure = OSError('server closed the connection')
        self.assertEqual(self.wait(), ([self.connection], [], []))

    def test_a_database_that_cannot_be_told_is_looked_into(self):
        def unknown(_):
            raise KeyError('registries')

        self.select = OwnNotifications(select, unknown)
        self.connection.hear('zeta')
        self.assertEqual(self.wait(), ([self.connection], [], []))
        self.assertEqual(self.payloads(), ['zeta'])

    def test_who_wakes_a_worker_by_its_pipe_is_heard(self):
        pipe = Connection.pair(self)
        self.connection.hear('zeta')
        pipe[1].send(b'.')
        readers, *_ = self.wait(others=[pipe[0]])
        self.assertIn(pipe[0], readers)

    def test_other_waits_of_the_server_are_as_before(self):
        pipe = Connection.pair(self)
        self.assertEqual(self.select.select([pipe[0]], [], [], 0), NOBODY)
        pipe[1].send(b'.')
        self.assertEqual(self.select.select([pipe[0]], [], []), ([pipe[0]], [], []))
        self.assertIs(self.select.error, select.error)


class Connection:
    """What psycopg2's does: notifications come off the socket when it is polled."""

    def __init__(self):
        self._ours, self._theirs = socket.socketpair()
        self._coming = []
        self.notifies = []
        self.failure = None

    @staticmethod
    def pair(test):
        ends = socket.socketpair()
        for end in ends:
            test.addCleanup(end.close)
        return ends

    def fileno(self):
        return self._ours.fileno()

    def close(self):
        self._ours.close()
        self._theirs.close()

    def wake(self):
        self._theirs.send(b'.')

    def hear(self, *payloads, channel='cron_trigger'):
        self._coming += [Notification(channel, payload) for payload in payloads]
        self.wake()

    def poll(self):
        if self.failure:
            raise self.failure
        self._ours.recv(4096)
        self.notifies += self._coming
        self._coming = []


class TimedSelect:
    """Waits 20 seconds each time, and hears this then; nothing: its time is over."""

    def __init__(self, connection, payloads):
        self._connection = connection
        self._payloads = payloads
        self.now = 1000
        self.timeouts = []

    def select(self, _readers, _writers, _errors, timeout):
        self.timeouts.append(timeout)
        self.now += 20
        payload = self._payloads.pop(0)
        if payload is None:
            return NOBODY
        self._connection.hear(payload)
        return [self._connection], [], []


if __name__ == '__main__':
    unittest.main()
