"""Connections between the hosts of one run, to a port that the system chooses."""

import secrets
import socket
import threading
from contextlib import suppress

SECONDS_TO_CONNECT = 5.0
SECONDS_BETWEEN_LOOKS = 0.1
MAX_TITLE = 1024  # bytes
GREETING = b"\n"


def reachable_names() -> list[str]:
    """Return names and addresses by which other hosts may reach this one, the best first."""
    names = [socket.gethostname(), socket.getfqdn()]
    with suppress(OSError):
        for family in (socket.AF_INET, socket.AF_INET6):
            found = socket.getaddrinfo(socket.gethostname(), None, family, socket.SOCK_STREAM)
            names += [str(address[0]) for *_, address in found]
    # The last one serves processes of one host that cannot resolve its own name.
    return list(dict.fromkeys([*names, "localhost"]))


class Reception:
    """Takes the connections of processes that know a token, in a thread of its own."""

    def __init__(self, timeout_s: int) -> None:
        """Listen from now on; for `timeout_s` see `keep_alive`."""
        self.token = secrets.token_bytes(16)
        self._timeout_s = timeout_s
        self._server = _listen()
        self._server.settimeout(SECONDS_BETWEEN_LOOKS)
        self._connections: dict[socket.socket, str] = {}
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The number of the port."""
        return self._server.getsockname()[1]

    def close(self) -> dict[socket.socket, str]:
        """Take no more, and return the connections with the titles of their processes."""
        self._closed.set()
        self._thread.join()
        self._server.close()
        return self._connections

    def _accept(self) -> None:
        while not self._closed.is_set():
            with suppress(OSError, UnicodeError):  # a time-out too
                connection, _ = self._server.accept()
                connection.settimeout(SECONDS_TO_CONNECT)
                if title := self._greet(connection):
                    self._connections[keep_alive(connection, self._timeout_s)] = title
                else:
                    connection.close()

    def _greet(self, connection: socket.socket) -> str:
        """Return the title of the process at the other end; "" if it does not know the token."""
        with connection.makefile("rb") as file:
            if not secrets.compare_digest(file.read(len(self.token)), self.token):
                return ""
            title = file.readline(MAX_TITLE).decode().strip()
        connection.sendall(GREETING)
        return title


def _listen() -> socket.socket:
    """Return a socket that takes connections at a free port, by IPv4 and, if there is, IPv6."""
    if socket.has_dualstack_ipv6():
        with suppress(OSError):  # known to the system, and switched off
            return socket.create_server(
                ("", 0), family=socket.AF_INET6, dualstack_ipv6=True, backlog=1024
            )
    return socket.create_server(("", 0), backlog=1024)


def connect(
    names: list[str], port: int, token: bytes, title: str, timeout_s: int
) -> socket.socket | None:
    """Return a connection to the first of some names that answers; None if none does.

    Args:
        names: Names or addresses of one host.
        port: Where it listens.
        token: What it expects first.
        title: How this process is called in messages there.
        timeout_s: See `keep_alive`.
    """
    hello = token + f"{title}\n".encode()
    for name in names:
        with suppress(OSError):
            connection = socket.create_connection((name, port), SECONDS_TO_CONNECT)
            connection.sendall(hello)
            # Another program may listen there, on the host that the name means here.
            if connection.recv(len(GREETING)) == GREETING:
                return keep_alive(connection, timeout_s)
            connection.close()
    return None


def keep_alive(connection: socket.socket, timeout_s: int) -> socket.socket:
    """Let the system close a connection whose other host has not answered for some seconds."""
    connection.settimeout(None)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    probes = 4
    for option, value in (
        ("TCP_KEEPIDLE", timeout_s // 2),
        ("TCP_KEEPINTVL", timeout_s // 2 // probes),
        ("TCP_KEEPCNT", probes),
        ("TCP_USER_TIMEOUT", 1000 * timeout_s),  # milliseconds
    ):
        if hasattr(socket, option):  # not all systems have all of them
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), max(value, 1))
    return connection
