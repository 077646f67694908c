"""Downloads from a local server that drops, truncates, redirects and sends wrong bytes."""

import hashlib
from functools import partial

import pytest
from file_server import DATA, address, serve

from samjax.errors import UserError
from samjax.files import download
from samjax.files.download import direct, fetch

DIGEST = "sha256:" + hashlib.sha256(DATA).hexdigest()[:8]


@pytest.fixture
def server():
    with serve() as server:
        yield server


@pytest.fixture
def url(server):
    return partial(address, server)


def assert_only(folder, *names):
    assert sorted(p.name for p in folder.iterdir()) == sorted(names)


@pytest.mark.parametrize("kind", ["good", "dropping", "unranged", "redirecting", "failing"])
def test_the_file_arrives_whole_whatever_the_connection_does(tmp_path, url, kind):
    path = fetch(url(kind), tmp_path / "cache" / "file.bin", DIGEST)
    assert path.read_bytes() == DATA
    assert_only(path.parent, "file.bin")


def test_a_cut_download_goes_on_where_it_was(tmp_path, url, server):
    fetch(url("dropping"), tmp_path / "file.bin", DIGEST)
    assert [r for _, r in server.requests] == [None, "bytes=100000-", "bytes=200000-"]
    assert server.sent == len(DATA)


def test_a_download_of_an_earlier_run_goes_on(tmp_path, url, server):
    (tmp_path / "file.bin.part").write_bytes(DATA[:123_456])
    assert fetch(url("good"), tmp_path / "file.bin", DIGEST).read_bytes() == DATA
    assert [r for _, r in server.requests] == ["bytes=123456-"]
    assert server.sent == len(DATA) - 123_456


@pytest.mark.parametrize("length", [len(DATA), len(DATA) + 5])
def test_a_part_that_cannot_go_on_is_loaded_anew(tmp_path, url, length):
    (tmp_path / "file.bin.part").write_bytes(bytes(length))
    assert fetch(url("good"), tmp_path / "file.bin", DIGEST).read_bytes() == DATA


def test_an_answer_from_another_place_than_asked_is_not_appended(tmp_path, url):
    (tmp_path / "file.bin.part").write_bytes(DATA[:1000])
    assert fetch(url("lying"), tmp_path / "file.bin", DIGEST).read_bytes() == DATA


def test_a_file_in_the_cache_is_not_asked_for_again(tmp_path, url, server):
    (tmp_path / "file.bin").write_bytes(b"x")
    assert fetch(url("good"), tmp_path / "file.bin", DIGEST) == tmp_path / "file.bin"
    assert not server.requests


def test_offline_never_tries(tmp_path, url, server):
    with pytest.raises(UserError, match=r"--offline is set; download http.* and put it at"):
        fetch(url("good"), tmp_path / "file.bin", DIGEST, offline=True)
    assert not server.requests


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("wrong", "gave bytes whose digest is not sha256:"),
        ("missing", "answers 404"),
        ("silent", "cannot download .*: the connection was cut off; check the network"),
        ("page", r"a web page \(a form or a login\?\); download http.* and put it at"),
        ("circling", "cannot download|answers 302"),
    ],
)
def test_failures_are_told_in_one_line_and_leave_no_file(tmp_path, url, kind, message):
    with pytest.raises(UserError, match=message) as error:
        fetch(url(kind), tmp_path / "file.bin", DIGEST)
    assert "\n" not in str(error.value)
    assert url(kind) in str(error.value)
    assert not (tmp_path / "file.bin").exists()


def test_without_a_network_the_message_says_how_to_go_on(tmp_path):
    with pytest.raises(
        UserError, match=r"check the network, or download .* and put it at"
    ) as error:
        fetch("http://127.0.0.1:9/file.bin", tmp_path / "file.bin")
    assert "\n" not in str(error.value)


def test_a_silent_server_is_given_up_after_a_while():
    assert 0 < download.TIMEOUT <= 60


@pytest.mark.parametrize(
    "place",
    [
        "uc?id=1g8j-hT_x",
        "uc?export=download&id=1g8j-hT_x",
        "open?id=1g8j-hT_x",
        "file/d/1g8j-hT_x/view",
    ],
)
def test_drive_is_asked_for_the_file_and_not_for_its_page(place):
    asked = direct(f"https://drive.google.com/{place}")
    assert asked.startswith("https://drive.usercontent.google.com/download?id=1g8j-hT_x&")
    assert direct("https://example.org/uc?id=1") == "https://example.org/uc?id=1"
