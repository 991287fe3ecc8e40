import socket
import socketserver
import threading
import time
import unittest

import addons_path  # noqa: F401
from plana_gateway.last_connections import finish_queue, serve_queue_before_shutdown


class _Answering(socketserver.StreamRequestHandler):
    def handle(self):
        if self.rfile.readline():
            self.wfile.write(b'421\n')


class _Server(socketserver.ThreadingTCPServer):
    """Closes its listening socket when it is shut down, as werkzeug's does."""

    request_queue_size = 64
    daemon_threads = False

    def __init__(self):
        super().__init__(('127.0.0.1', 0), _Answering)
        self.is_accepting = threading.Event()
        self.may_accept = threading.Event()

    def get_request(self):
        self.is_accepting.set()
        self.may_accept.wait(10)
        return super().get_request()

    def serve_forever(self, poll_interval=0.05):
        try:
            super().serve_forever(poll_interval)
        finally:
            self.server_close()


class _PatientServer(_Server):
    pass


serve_queue_before_shutdown(_PatientServer)


class LastConnectionsTest(unittest.TestCase):
    def _answers_of_queue(self, server):
        """What those get who wait in the queue of a busy server when its end begins."""
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        waiting = [socket.create_connection(server.server_address, timeout=10) for _ in range(20)]
        for connection in waiting:
            connection.sendall(b'GET\n')
        # It has found the first, and accepts nobody until its end has been asked for.
        self.assertTrue(server.is_accepting.wait(10))
        ending = threading.Thread(target=server.shutdown)
        ending.start()
        deadline = time.monotonic() + 10
        while not self._is_ending(server, ending) and time.monotonic() < deadline:
            time.sleep(0.001)
        server.may_accept.set()
        ending.join(10)
        serving.join(10)
        return [_answer(connection) for connection in waiting]

    def _is_ending(self, server, ending):
        return ending.is_alive() and (
            server._BaseServer__shutdown_request or isinstance(server, _PatientServer)
        )

    def test_who_waits_when_the_server_ends_is_answered(self):
        self.assertEqual(self._answers_of_queue(_PatientServer()), [b'421\n'] * 20)

    def test_without_it_the_kernel_resets_them(self):
        self.assertIn(b'', self._answers_of_queue(_Server()))

    def test_nobody_is_let_in_any_more(self):
        with socket.create_server(('127.0.0.1', 0)) as listener:
            finish_queue(listener)
            with self.assertRaises(OSError):
                socket.create_connection(listener.getsockname(), timeout=0.3)

    def test_a_queue_that_nobody_serves_does_not_hold_up_the_end(self):
        with socket.create_server(('127.0.0.1', 0)) as listener:
            with socket.create_connection(listener.getsockname()):
                finish_queue(listener)


def _answer(connection):
    with connection:
        try:
            return connection.recv(100)
        except OSError:
            return b''


if __name__ == '__main__':
    unittest.main()
