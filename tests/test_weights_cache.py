"""Downloads from a local server that drops, truncates, redirects and sends wrong bytes."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from samjax.errors import UserError
from samjax.weights import cache, load
from samjax.weights.cache import cache_dir, fetch
from samjax.weights.published import PUBLISHED

DATA = np.random.default_rng(0).bytes(300_000)
DIGEST = "sha256:" + hashlib.sha256(DATA).hexdigest()[:8]


class Handler(BaseHTTPRequestHandler):
    """Behaves as the first part of the path says."""

    def do_GET(self):
        self.server.requests.append((self.path, self.headers.get("Range")))
        kind = self.path.split("/")[1]
        getattr(self, kind)()

    def log_message(self, *args):
        pass

    def head(self, status, length, **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def start(self):
        ranged = self.headers.get("Range")
        return int(ranged.removeprefix("bytes=").removesuffix("-")) if ranged else 0

    def good(self, most=None):
        start = self.start()
        rest = DATA[start:]
        if start >= len(DATA):
            self.head(416, 0)
        elif start:
            self.head(206, len(rest), Content_Range=f"bytes {start}-{len(DATA) - 1}/{len(DATA)}")
        else:
            self.head(200, len(rest))
        self.wfile.write(rest[:most])

    def dropping(self):
        self.good(most=100_000)

    def unranged(self):
        self.head(200, len(DATA))
        first = len(self.server.requests) == 1
        self.wfile.write(DATA[:1000] if first else DATA)

    def lying(self):
        self.head(206, len(DATA), Content_Range=f"bytes 0-{len(DATA) - 1}/{len(DATA)}")
        self.wfile.write(DATA)

    def redirecting(self):
        self.head(302, 0, Location="/good/file.bin")

    def circling(self):
        self.head(302, 0, Location=self.path)

    def silent(self):
        self.head(200, len(DATA))

    def missing(self):
        self.head(404, 0)

    def failing(self):
        if len(self.server.requests) < 3:
            self.head(503, 0)
        else:
            self.good()

    def wrong(self):
        self.head(200, 5)
        self.wfile.write(b"<html")


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.requests = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def url(server):
    return f"http://127.0.0.1:{server.server_port}/{{}}/file.bin".format


def assert_only(folder, *names):
    assert sorted(p.name for p in folder.iterdir()) == sorted(names)


@pytest.mark.parametrize("kind", ["good", "dropping", "unranged", "redirecting", "failing"])
def test_the_file_arrives_whole_whatever_the_connection_does(tmp_path, url, kind):
    path = fetch(url(kind), tmp_path / "cache", DIGEST)
    assert path.read_bytes() == DATA
    assert_only(path.parent, "file.bin")


def test_a_cut_download_goes_on_where_it_was(tmp_path, url, server):
    fetch(url("dropping"), tmp_path, DIGEST)
    assert [r for _, r in server.requests] == [None, "bytes=100000-", "bytes=200000-"]


def test_a_download_of_an_earlier_run_goes_on(tmp_path, url, server):
    (tmp_path / "file.bin.part").write_bytes(DATA[:123_456])
    assert fetch(url("good"), tmp_path, DIGEST).read_bytes() == DATA
    assert [r for _, r in server.requests] == ["bytes=123456-"]


@pytest.mark.parametrize("length", [len(DATA), len(DATA) + 5])
def test_a_part_that_cannot_go_on_is_loaded_anew(tmp_path, url, length):
    (tmp_path / "file.bin.part").write_bytes(bytes(length))
    assert fetch(url("good"), tmp_path, DIGEST).read_bytes() == DATA


def test_an_answer_from_another_place_than_asked_is_not_appended(tmp_path, url):
    (tmp_path / "file.bin.part").write_bytes(DATA[:1000])
    assert fetch(url("lying"), tmp_path, DIGEST).read_bytes() == DATA


def test_a_file_in_the_cache_is_not_asked_for_again(tmp_path, url, server):
    (tmp_path / "file.bin").write_bytes(b"x")
    assert fetch(url("good"), tmp_path, DIGEST) == tmp_path / "file.bin"
    assert not server.requests


def test_offline_never_tries(tmp_path, url, server):
    with pytest.raises(UserError, match=r"--offline is set; download http.* and put it at"):
        fetch(url("good"), tmp_path, DIGEST, offline=True)
    assert not server.requests


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("wrong", "gave bytes whose digest is not sha256:"),
        ("missing", "answers 404"),
        ("silent", "cannot download .*: the connection was cut off; check the network"),
        ("circling", "cannot download|answers 302"),
    ],
)
def test_failures_are_told_in_one_line_and_leave_no_file(tmp_path, url, kind, message):
    with pytest.raises(UserError, match=message) as error:
        fetch(url(kind), tmp_path, DIGEST)
    assert "\n" not in str(error.value)
    assert url(kind) in str(error.value)
    assert not (tmp_path / "file.bin").exists()


def test_without_a_network_the_message_says_how_to_go_on(tmp_path):
    with pytest.raises(
        UserError, match=r"check the network, or download .* and put it at"
    ) as error:
        fetch("http://127.0.0.1:9/file.bin", tmp_path)
    assert "\n" not in str(error.value)


def test_the_cache_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path / "a"))
    assert cache_dir() == tmp_path / "a"
    monkeypatch.delenv("SAMJAX_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "b"))
    assert cache_dir() == tmp_path / "b" / "samjax"


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_names_are_looked_up_in_the_cache(monkeypatch, tmp_path, name):
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path))
    file = PUBLISHED[name].url.rsplit("/", 1)[1]
    with pytest.raises(UserError, match=f"{file} is not in the cache"):
        load(name, offline=True)
    (tmp_path / file).write_bytes(b"something else, long enough")
    with pytest.raises(UserError, match="not a weight file"):
        load(name, offline=True)


def test_torchvision_digests_are_the_ones_in_the_names():
    for name in ("torchvision-vgg16", "torchvision-resnet50"):
        url, digest = PUBLISHED[name]
        assert digest.removeprefix("sha256:") in url


def test_a_silent_server_is_given_up_after_a_while():
    assert 0 < cache.TIMEOUT <= 60
