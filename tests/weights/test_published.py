"""Published files are taken from the cache, or fetched into it and checked."""

import hashlib

import pytest
from file_server import DATA, serve

from samjax.errors import UserError
from samjax.weights import published


@pytest.fixture
def entry(monkeypatch, tmp_path):
    """A published file that stands in the cache."""
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path))
    digest = "sha256:" + hashlib.sha256(b"weights").hexdigest()[:8]
    remote = published.RemoteFile("https://example.org/folder/w.pkl", digest)
    monkeypatch.setitem(published.PUBLISHED, "mine", remote)
    return remote


def test_a_cached_file_is_not_fetched_again(entry, tmp_path):
    with pytest.raises(UserError, match="not in the cache"):
        published.find("mine", offline=True)
    (tmp_path / "w.pkl").write_bytes(b"weights")
    assert published.find("mine", offline=True) == tmp_path / "w.pkl"


def test_names_carry_what_their_digests_say():
    for entry in published.PUBLISHED.values():
        assert entry.url.startswith("https://")
        kind, _, digest = entry.digest.partition(":")
        assert (kind, digest) == ("", "") or kind in ("md5", "sha256")
        if kind == "sha256":
            assert f"-{digest}." in entry.url


@pytest.fixture
def mirrored(monkeypatch, tmp_path):
    """A mirror at /good, and the published file file.bin, whose own address is no server's."""
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path))
    digest = "sha256:" + hashlib.sha256(DATA).hexdigest()
    remote = published.RemoteFile("http://127.0.0.1:9/elsewhere/file.bin", digest)
    monkeypatch.setitem(published.PUBLISHED, "mine", remote)
    with serve() as server:
        monkeypatch.setenv(published.MIRROR, f"http://127.0.0.1:{server.server_port}/good/")
        yield server


def test_a_mirror_gives_the_same_file(mirrored):
    assert published.find("mine").read_bytes() == DATA
    assert [path for path, _ in mirrored.requests] == ["/good/file.bin"]


def test_a_mirror_cannot_give_another_file(mirrored, tmp_path):
    mirrored.files["file.bin"] = b"something else"
    with pytest.raises(UserError, match="whose digest is not") as error:
        published.find("mine")
    assert f"{published.MIRROR} is set; the published address is http" in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_mirror_that_is_no_address_is_refused(mirrored, monkeypatch):
    monkeypatch.setenv(published.MIRROR, "mirror.example.org")
    with pytest.raises(
        UserError, match=r"SAMJAX_WEIGHTS_MIRROR=mirror\.example\.org is no address"
    ):
        published.find("mine")


def test_offline_asks_no_mirror(mirrored):
    with pytest.raises(UserError, match="not in the cache and --offline is set"):
        published.find("mine", offline=True)
    assert not mirrored.requests
