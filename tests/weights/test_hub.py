"""Weights of a hub: fetched once, pinned, offline, and every failure told in one line."""

import os
import subprocess
import sys
import time
from copy import deepcopy

import numpy as np
import pytest
from hub_server import TOKEN, Repository, serve_hub
from safetensors.numpy import save
from weight_files import tiny_weights

from samjax.errors import UserError
from samjax.weights import hub, load
from samjax.weights import save as save_weights

constants = pytest.importorskip("huggingface_hub.constants", reason="needs the extra [hub]")
SOURCE = "hf:mit/tiny"


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> list[bytes]:
    """Two weight files of ours, of different values."""
    path = tmp_path_factory.mktemp("files") / "w.safetensors"
    weights, versions = deepcopy(tiny_weights()), []  # others share them
    for bias in (1, 2):
        weights.variables["params"]["backbone"]["block1_conv1"]["bias"][:] = bias
        save_weights(path, weights)
        versions.append(path.read_bytes())
    return versions


@pytest.fixture
def server(files, monkeypatch, tmp_path):
    """A hub with the repository mit/tiny, and an empty cache; HF_ENDPOINT leads there."""
    with serve_hub() as server:
        # The package reads its environment once, when it is imported; these are what it read.
        monkeypatch.setattr(constants, "ENDPOINT", server.address)
        template = server.address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
        repository = server.repositories.setdefault("mit/tiny", Repository())
        repository.commit({hub.FILE: files[0]})
        yield server


@pytest.fixture
def impatient(monkeypatch):
    """The package tries again five times, and does not wait between."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def bias(source: str, **options) -> float:
    return float(load(source, **options).variables["params"]["backbone"]["block1_conv1"]["bias"][0])


def complaint(source: str, **options) -> str:
    with pytest.raises(UserError) as error:
        load(source, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "repository", "revision"),
    [
        ("hf:a/b", "a/b", ""),
        ("hf:a.x/b_y-z@v1.0", "a.x/b_y-z", "v1.0"),
        ("hf:a/b@refs/pr/1", "a/b", "refs/pr/1"),
    ],
)
def test_a_reference_is_read_and_written(text, repository, revision):
    reference = hub.parse(text)
    assert reference == hub.Reference(repository, revision)
    assert str(reference) == text


@pytest.mark.parametrize("text", ["hf:", "hf:a", "hf://a/b", "hf:a/b/c", "hf:a/b@", "hf:../b"])
def test_what_is_no_reference_is_refused(text):
    assert f"{text} names no repository; write hf:OWNER/NAME" in complaint(text)


def test_the_weights_are_those_of_the_repository(server, files, tmp_path):
    (tmp_path / "w.safetensors").write_bytes(files[0])
    here, there = load(tmp_path / "w.safetensors"), load(SOURCE)
    for path, array in here.flat().items():
        np.testing.assert_array_equal(there.flat()[path], array)


def test_a_branch_follows_the_latest_commit_and_a_commit_stays(server, files):
    assert bias(SOURCE) == 1
    repository = server.repositories["mit/tiny"]
    (old,) = repository.commits
    new = repository.commit({hub.FILE: files[1]})
    repository.tags["v1"] = old
    assert bias(SOURCE) == bias(f"{SOURCE}@{new}") == 2
    assert bias(f"{SOURCE}@{old}") == bias(f"{SOURCE}@v1") == 1
    server.requests.clear()
    assert bias(f"{SOURCE}@{old}") == 1
    assert not server.requests  # a commit never changes, so nobody is asked


def test_the_file_is_sent_once(server):
    for _ in range(3):
        load(SOURCE)
    assert len([line for line in server.requests if line.startswith("GET")]) == 1


def test_offline_takes_the_cache_and_asks_nobody(server, monkeypatch):
    assert "is not in the hub's cache and --offline is set" in complaint(SOURCE, offline=True)
    assert not server.requests
    there = bias(SOURCE)
    server.requests.clear()
    assert bias(SOURCE, offline=True) == there
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert bias(SOURCE) == there
    assert not server.requests
    assert "HF_HUB_OFFLINE is set" in complaint("hf:mit/other")


def test_a_hub_that_is_down_leaves_the_cache(server):
    there = bias(SOURCE)
    server.failing = True
    assert bias(SOURCE) == there


def test_a_hub_that_is_down_is_told_with_its_answer(server, impatient):
    server.failing = True
    assert f"{server.address} answers 503" in complaint(SOURCE)


def test_a_hub_that_cannot_be_reached_is_told(server, impatient, monkeypatch):
    template = "http://127.0.0.1:9/{repo_id}/resolve/{revision}/{filename}"  # nobody listens there
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    assert "cannot reach http://127.0.0.1:9" in complaint(SOURCE)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("hf:mit/none", "has no such repository, or it is private"),
        ("hf:mit/private", "has no such repository, or it is private"),
        ("hf:mit/gated", "accept its terms there and set HF_TOKEN"),
        (f"{SOURCE}@v9", "the repository has no such revision"),
        ("hf:mit/empty", "it has no model.safetensors, so no weights of samjax"),
        ("hf:mit/foreign", "is no file of samjax, but of another program"),
        ("hf:mit/damaged", "damaged .safetensors file"),
    ],
)
def test_a_failure_is_told_in_one_line(server, files, source, message):
    for name in ("private", "gated", "empty", "foreign", "damaged"):
        repository = server.repositories[f"mit/{name}"] = Repository()
        repository.private, repository.gated = name == "private", name == "gated"
    foreign = save({"x": np.zeros(3, np.float32)}, {"format": "pt"})
    server.repositories["mit/empty"].commit({"other.bin": b"1"})
    server.repositories["mit/foreign"].commit({hub.FILE: foreign})
    server.repositories["mit/damaged"].commit({hub.FILE: files[0][:1000]})
    assert message in complaint(source)


def test_a_private_repository_opens_with_the_token(server, monkeypatch):
    server.repositories["mit/tiny"].private = True
    assert "set HF_TOKEN" in complaint(SOURCE)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert load(SOURCE).kind == "sam"


def test_without_the_package_the_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert "run pip install 'samjax[hub]'" in complaint(SOURCE)


def test_the_variables_of_the_hub_count(server, tmp_path):
    """In a process of its own, since the package reads its environment once."""
    home = tmp_path / "home"
    environment = {**os.environ, "HF_ENDPOINT": server.address, "HF_HOME": str(home)}
    environment.pop("HF_HUB_OFFLINE", None)
    code = f"from samjax.weights import hub\nprint(hub.find(hub.parse('{SOURCE}')))\n"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(str(home / "hub" / "models--mit--tiny"))


def test_the_package_is_imported_only_for_a_hub():
    code = (
        "import sys, samjax.weights, samjax.prediction.predict, samjax.cli\n"
        "print('huggingface_hub' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
