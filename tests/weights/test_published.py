"""Published files are taken from the cache, or fetched into it and checked."""

import hashlib

import pytest

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
