"""Published weights are looked up in the cache."""

import pytest

from samjax.errors import UserError
from samjax.files.cache import cache_dir
from samjax.weights import load
from samjax.weights.published import PUBLISHED


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
