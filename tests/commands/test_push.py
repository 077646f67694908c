"""`samjax push`: one commit of weights and card, which `--weights hf:...` takes from there."""

import numpy as np
import pytest
from hub_server import TOKEN, serve_hub
from trained import scenes, trained_workdir

from samjax.cli import main
from samjax.training.restore import read_weights

constants = pytest.importorskip("huggingface_hub.constants", reason="needs the extra [hub]")

__all__ = ["scenes", "trained_workdir"]

# The package's own use of its HTTP library.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture
def server(monkeypatch, tmp_path):
    """An empty hub that takes our token."""
    with serve_hub() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.address)
        template = server.address + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # the server speaks git LFS
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield server


def test_what_is_pushed_is_what_is_read(server, trained_workdir, tmp_path, capsys):
    command = ["push", str(trained_workdir), "hf:mit/tiny", "--licence=apache-2.0"]
    assert main(command) == 0
    address, use = capsys.readouterr().out.splitlines()
    (*_, commit) = server.repositories["mit/tiny"].commits
    assert address == f"{server.address}/mit/tiny/commit/{commit}"
    assert use == f"samjax predict --weights hf:mit/tiny@{commit} photo.jpg"
    files = server.repositories["mit/tiny"].commits[commit]
    assert set(files) == {".gitattributes", "model.safetensors", "README.md"}
    card = files["README.md"].decode()
    assert card.startswith('---\nlicense: "apache-2.0"\n')
    assert "samjax predict --weights hf:mit/tiny photo.jpg" in card
    # Back again, by commit, bit for bit, and the card with it.
    back = read_weights(f"hf:mit/tiny@{commit}")
    here = read_weights(trained_workdir)
    for path, array in here.flat().items():
        np.testing.assert_array_equal(back.flat()[path], array)
    assert back.card["name"] == "tiny"
    converted = tmp_path / "c.safetensors"
    assert main(["convert", f"hf:mit/tiny@{commit}", str(converted)]) == 0
    assert "values from trained, step" in capsys.readouterr().out


def test_a_second_push_is_a_second_commit(server, trained_workdir, capsys):
    command = ["push", str(trained_workdir), "hf:mit/tiny"]
    assert main([*command, "--private"]) == 0
    assert main([*command, "--dtype=float16", "--message=Half the size"]) == 0
    repository = server.repositories["mit/tiny"]
    assert repository.private
    _, first, second = repository.commits.values()
    assert len(second["model.safetensors"]) < 0.8 * len(first["model.safetensors"])
    assert "| kernels on disk | float32 |" in first["README.md"].decode()
    assert "| kernels on disk | float16 |" in second["README.md"].decode()


def test_a_file_that_the_hub_does_not_take_is_told(server, trained_workdir, capsys):
    server.takes_files = False
    assert main(["push", str(trained_workdir), "hf:mit/tiny"]) == 1
    assert "refuses it (403); set HF_TOKEN" in capsys.readouterr().err.splitlines()[-1]
    (first,) = server.repositories["mit/tiny"].commits.values()
    assert set(first) == {".gitattributes"}


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ("", ["hf:mit"], "hf:mit names no repository; write hf:OWNER/NAME"),
        ("", ["hf:mit/tiny@v1"], "a push makes a new commit on the main branch; leave @v1 out"),
        ("offline", ["hf:mit/tiny"], "HF_HUB_OFFLINE is set; unset it to push"),
        ("no token", ["hf:mit/tiny"], "no token to push with; run `hf auth login` or set HF_TOKEN"),
        ("wrong token", ["hf:mit/tiny"], "set HF_TOKEN to a token with that permission"),
        ("read only", ["hf:mit/tiny"], "set HF_TOKEN to a token with that permission"),
        ("unreachable", ["hf:mit/tiny"], "cannot reach http://127.0.0.1:9"),
        ("", ["hf:mit/tiny", "--dtype=int8"], "--dtype int8 is unknown"),
    ],
)
def test_failures_are_told_in_one_line(
    server, trained_workdir, monkeypatch, tmp_path, capsys, change, arguments, message
):
    if change == "offline":
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    elif change == "no token":
        monkeypatch.delenv("HF_TOKEN")
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    elif change == "wrong token":
        monkeypatch.setenv("HF_TOKEN", "hf_another")
    elif change == "read only":
        server.read_only = True
    elif change == "unreachable":
        monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    assert main(["push", str(trained_workdir), *arguments]) == 1
    error = capsys.readouterr().err.splitlines()
    assert message in error[-1]
    assert not [line for line in error[:-1] if not line.startswith("pushing")]
    assert not server.repositories
