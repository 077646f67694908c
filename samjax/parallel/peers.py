"""Processes of one run that end together: each learns at once that another one has ended.

Every process but the main one keeps a connection to the main one, and nothing is sent over it until
a process leaves in good order. The system closes the connections of a process that ends, however it
ends, and for a host that vanishes its keepalive does so after a time. JAX alone notices it late, by
its own heartbeats, and then aborts with a hundred lines.
"""

import atexit
import os
import selectors
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import NamedTuple, cast

import jax

from samjax.console.log import log
from samjax.errors import UserError
from samjax.parallel.connections import Reception, connect, reachable_names
from samjax.parallel.processes import all_gather_objects, is_main_process
from samjax.parallel.stop_signals import Stopped

SECONDS_TO_END_ALONE = 2.0
"""After another process has ended, for this one to end by an error of its own, which tells more."""
SECONDS_TO_BE_TOLD = 10.0
"""After an exception, until it is taken for this process's own and not for another one's end."""
BYE, LOST = b"bye", b"lost "
REMEDY = "this one ends with it; start all of them again to go on from the last checkpoint"


class Address(NamedTuple):
    """Where the main process listens."""

    names: list[str]
    port: int
    token: bytes  # known to the processes of this run only


@dataclass
class Peer:
    """Another process at the end of a connection."""

    title: str  # such as "process 1 (number 4711 on node7)"
    received: bytes = b""


@contextmanager
def ending_together(timeout_s: int) -> Iterator[None]:
    """Watch the other processes while the block runs, and end this one when one of them ends.

    If the block fails here, the others end too.

    Args:
        timeout_s: Seconds after which a host that does not answer is taken to be gone.
    """
    peers = _meet(timeout_s)
    try:
        yield
    except BaseException as error:
        # A stop that all of them agreed on is no failure.
        if peers and not isinstance(error, Stopped):
            peers.fail(error)
        elif peers:
            peers.leave()
        raise
    if peers:
        peers.leave()


class Peers:
    """The connections of this process: of the main one to all others, of the others to it."""

    def __init__(self, connections: dict[socket.socket, Peer]) -> None:
        """Watch from now on."""
        self._connections = connections
        self._lost = threading.Event()
        self._ending = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def leave(self) -> None:
        """Tell the others that this process is done; they go on."""
        self._ending.set()
        self._send(BYE)

    def fail(self, error: BaseException) -> None:
        """End the others, because this process fails; wait first whether it fails with another.

        Args:
            error: Why this process fails.
        """
        told = isinstance(error, UserError | OSError | SystemExit | KeyboardInterrupt)
        if not told and self._lost.wait(SECONDS_TO_BE_TOLD):
            time.sleep(SECONDS_TO_BE_TOLD)  # the watching thread ends this process meanwhile
        self._ending.set()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        code = error.code if isinstance(error, SystemExit) else 1
        # JAX would wait at its exit for processes that end without waiting for it. Registered last,
        # this is called first.
        atexit.register(_exit, code if isinstance(code, int) else 1)

    def _send(self, message: bytes) -> None:
        for connection in list(self._connections):
            with suppress(OSError):
                connection.sendall(message + b"\n")

    def _watch(self) -> None:
        """Wait for what the others send, in a thread of its own."""
        with selectors.DefaultSelector() as selector:
            for connection, peer in self._connections.items():
                selector.register(connection, selectors.EVENT_READ, peer)
            while selector.get_map():
                for key, _ in selector.select():
                    if self._has_left(cast(socket.socket, key.fileobj), key.data):
                        selector.unregister(key.fileobj)

    def _has_left(self, connection: socket.socket, peer: Peer) -> bool:
        """Read from a connection; return whether the other process has left in good order."""
        try:
            data = connection.recv(4096)
        except OSError:  # reset, or the keepalive found nobody
            data = b""
        peer.received += data
        *messages, peer.received = peer.received.split(b"\n")
        for message in messages:
            if message.startswith(LOST):
                self._end(message.removeprefix(LOST).decode())
            if message == BYE:
                return True
        if not data:
            self._end(peer.title)
        return not data

    def _end(self, title: str) -> None:
        """End this process, because another one has ended."""
        self._lost.set()
        seconds = SECONDS_TO_END_ALONE
        if is_main_process():
            self._send(LOST + title.encode())
            seconds += (
                1.0  # JAX would abort the others, as the coordinator ends, before they can tell
            )
        if not self._ending.wait(seconds):
            log(f"error: {title} has ended; {REMEDY}")
            os._exit(1)  # sys.exit would end this thread only


def _meet(timeout_s: int) -> Peers | None:
    """Connect all processes with the main one; None for one process, or where they cannot be."""
    if jax.process_count() == 1:
        return None
    reception = Reception(timeout_s) if is_main_process() else None
    mine = Address(
        reachable_names(),
        reception.port if reception else 0,
        reception.token if reception else b"",
    )
    main = all_gather_objects(mine)[0]
    title = f"process {jax.process_index()} (number {os.getpid()} on {socket.gethostname()})"
    connection = None if reception else connect(*main, title, timeout_s)
    everyone = all_gather_objects((title, bool(reception or connection)))
    accepted = reception.close() if reception else {}
    if not all(connected for _, connected in everyone):
        if is_main_process():
            names = ", ".join(title for title, connected in everyone if not connected)
            log(f"{names} cannot reach {main.names[0]}: an end is noticed after {timeout_s} s only")
        return None
    main_title, _ = everyone[0]
    titles = {connection: main_title} if connection else accepted
    return Peers({connection: Peer(title) for connection, title in titles.items()})


def _exit(status: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
