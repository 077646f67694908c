"""What stands before every request: who may ask, and the headers that every answer has.

A server on a computer's own address can be asked by every page that its user opens in a browser.
So a POST from another page is refused, as is a name that somebody made point to this computer
("DNS rebinding"), and what a browser may do with the answers is told to it.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = ("localhost", "127.0.0.1", "::1")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
SAFE = ("GET", "HEAD")


class Guard:
    """An ASGI application in front of another."""

    def __init__(self, app: App, *, only_loopback: bool) -> None:
        """Stand before an application.

        Args:
            app: What serves the requests that are let through.
            only_loopback: Whether requests have to name this computer as their host.
        """
        self._app, self._only_loopback = app, only_loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = dict(message, headers=[*message.get("headers", ()), *extra])
            await send(message)

        reason = self.refuses(scope["method"], _headers(scope))
        if reason:
            await _refuse(reason, send_guarded)
        else:
            await self._app(scope, receive, send_guarded)

    def refuses(self, method: str, headers: dict[str, str]) -> str:
        """Return why a request is refused, in a sentence, or nothing.

        Args:
            method: Of HTTP.
            headers: {name in small letters: value}.
        """
        host = headers.get("host", "")
        if self._only_loopback and _name(host) not in LOOPBACK:
            return "the Host header names another computer; open http://127.0.0.1 with the port"
        if method in SAFE:
            return ""
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return "the request comes from another site, which may not use this server"
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return "the request comes from a page of another origin, which may not use this server"
        return ""


def _headers(scope: Scope) -> dict[str, str]:
    """Return the headers of a request; one that comes twice is joined, and so fits nothing."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _name(host: str) -> str:
    """Return the name in a Host header, without its port; empty if it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


async def _refuse(reason: str, send: Send) -> None:
    """Send a refusal."""
    body = json.dumps({"detail": reason}).encode()
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
