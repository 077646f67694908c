"""The server of the page: binds, tells where it is, and ends on Ctrl-C."""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
import webbrowser
from typing import TYPE_CHECKING, NamedTuple

from samjax.console.log import log
from samjax.errors import UserError

if TYPE_CHECKING:  # it takes JAX, and a port that is taken should be told at once
    from samjax.prediction.predictor import Predictor
    from samjax.ui.limits import Limits

NEEDED = ("fastapi", "uvicorn", "python_multipart")
GRACE = 5
"""Seconds that answers under way have when the server ends."""


class Address(NamedTuple):
    """Where the server listens.

    Attributes:
        host: A name or a number.
        port: 0: any free one.
    """

    host: str
    port: int


def check_installed() -> None:
    """Raise UserError where the packages of the extra `ui` are not installed."""
    from importlib.util import find_spec

    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UserError(f"the page needs {', '.join(missing)}; run: pip install 'samjax[ui]'")


def is_loopback(host: str) -> bool:
    """Return whether a host is this computer's own address, which no other can reach."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def bind(address: Address) -> socket.socket:
    """Return a socket at an address.

    Raises:
        UserError: There is no such address, or it is taken.
    """
    host, port = address
    try:
        (family, kind, protocol, _, place), *_ = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UserError(f"--host={host}: there is no such address ({error.strerror})") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        # From here on a browser waits, where it would be refused until the server is ready.
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise UserError(
            f"port {port} of {host} cannot be taken ({error.strerror}); choose another --port"
        ) from error
    return listening


def serve(
    model: Predictor, listening: socket.socket, host: str, limits: Limits, queue: int, open_it: bool
) -> None:
    """Serve the page until Ctrl-C.

    Args:
        model: The network.
        listening: Of `bind`.
        host: As the user named it.
        limits: What one request may ask for.
        queue: How many requests may be in work or wait.
        open_it: Whether to open the page in the browser.
    """
    import uvicorn

    from samjax.ui.app import build_app

    only_loopback = is_loopback(host)
    app = build_app(model, limits=limits, queue=queue, only_loopback=only_loopback)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=15,
        limit_concurrency=queue + 100,
    )
    port = listening.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{port}/"
    if not only_loopback:
        log(f"{host}: other computers can reach it, and there is no login: all of them may use it")
    log(f"the page is at {url} (its HTTP interface: {url}docs); Ctrl-C ends it")
    print(url, flush=True)
    app.state.service.model.warm()
    if open_it:
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
    uvicorn.Server(config).run([listening])
    sys.stdout.flush()
