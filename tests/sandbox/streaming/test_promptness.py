"""Answers leave at once: nothing on the way waits for more to send."""

import http.client
import socket


def test_connections_do_not_wait_for_acknowledgements(sandbox):
    """Head and body are two writes; with Nagle's algorithm on, every answer took 44 ms instead of 0.4."""
    with sandbox.serve() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", "/services/data")
        assert connection.getresponse().read()
        (accepted,) = [t.get_extra_info("socket") for t in server._connections.values()]
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        connection.close()
