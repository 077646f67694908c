"""A local server that drops, truncates, redirects and sends wrong bytes; counts what it sent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

DATA = np.random.default_rng(0).bytes(300_000)


class Handler(BaseHTTPRequestHandler):
    """Behaves as the first part of the path says; the last part names the file.

    Each method below `start` is such a behaviour.
    """

    def do_GET(self):
        self.server.requests.append((self.path, self.headers.get("Range")))
        kind, name = self.path.strip("/").split("/")
        self.data = self.server.files[name]
        getattr(self, kind)(name)

    def log_message(self, *args):
        pass

    def head(self, status, length, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def send(self, data):
        self.server.sent += len(data)
        self.wfile.write(data)

    def start(self):
        """The first byte that is asked for."""
        ranged = self.headers.get("Range")
        return int(ranged.removeprefix("bytes=").removesuffix("-")) if ranged else 0

    def good(self, name, max_bytes=None):
        start, size = self.start(), len(self.data)
        rest = self.data[start:]
        if start >= size:
            self.head(416, 0)
        elif start:
            self.head(206, len(rest), Content_Range=f"bytes {start}-{size - 1}/{size}")
        else:
            self.head(200, len(rest))
        self.send(rest[:max_bytes])

    def dropping(self, name):
        self.good(name, max_bytes=100_000)

    def unranged(self, name):
        self.head(200, len(self.data))
        first = len(self.server.requests) == 1
        self.send(self.data[:1000] if first else self.data)

    def lying(self, name):
        size = len(self.data)
        self.head(206, size, Content_Range=f"bytes 0-{size - 1}/{size}")
        self.send(self.data)

    def redirecting(self, name):
        self.head(302, 0, Location=f"/good/{name}")

    def circling(self, name):
        self.head(302, 0, Location=self.path)

    def silent(self, name):
        self.head(200, len(self.data))

    def missing(self, name):
        self.head(404, 0)

    def failing(self, name):
        if len(self.server.requests) < 3:
            self.head(503, 0)
        else:
            self.good(name)

    def wrong(self, name):
        self.head(200, 5)
        self.send(b"<html")

    def page(self, name):
        page = b"<html>Please log in</html>"
        self.head(200, len(page), Content_Type="text/html; charset=utf-8")
        self.send(page)


@contextmanager
def serve(**files: bytes) -> Iterator[ThreadingHTTPServer]:
    """Serve `files`, and DATA as file.bin.

    The server's `requests` are (path, asked range) of each request, and `sent` the bytes it gave.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.requests, server.sent = [], 0
        server.files = {"file.bin": DATA, **files}
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def address(server: ThreadingHTTPServer, kind: str, name: str = "file.bin") -> str:
    """Return the address of a file; `kind` is the method of `Handler` that answers."""
    return f"http://127.0.0.1:{server.server_port}/{kind}/{name}"
