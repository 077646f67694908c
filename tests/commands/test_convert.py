import hashlib
import shutil

import h5py
import numpy as np
import pytest
from safetensors import safe_open
from weight_files import VGG16, random_layers, write_original

from samjax.cli import main
from samjax.weights import load


@pytest.fixture(autouse=True)
def cleaned(tmp_path):
    """Files of full width take hundreds of megabytes; pytest would keep them."""
    yield
    shutil.rmtree(tmp_path)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A file of the original's layout, full width."""
    path = tmp_path_factory.mktemp("source") / "sam-vgg.pkl"
    write_original(path, VGG16, random_layers(VGG16, np.random.default_rng(0)), True)
    yield path
    path.unlink()


def test_there_and_back_is_bit_for_bit(source, tmp_path, capsys):
    ours, back = tmp_path / "sam.safetensors", tmp_path / "back.pkl"
    assert main(["convert", str(source), str(ours)]) == 0
    assert "sam of 51,835,841 values from sam-vgg.pkl" in capsys.readouterr().out
    with safe_open(ours, framework="numpy") as file:
        meta = file.metadata()
    assert meta["face"] == "paper"
    assert meta["origin"] == "sam-vgg.pkl"
    assert meta["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert load(ours).model == VGG16

    assert main(["convert", str(ours), str(back)]) == 0
    with h5py.File(source) as file, h5py.File(back) as b:
        a = file["model_weights"]
        assert list(a.attrs["layer_names"]) == list(b.attrs["layer_names"])
        for layer in a.attrs["layer_names"]:
            for name in a[layer].attrs["weight_names"]:
                assert a[layer][name][()].tobytes() == b[layer][name][()].tobytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{source}", "{folder}/out.txt"], "ends in .txt; use .safetensors or .pkl"),
        (["{source}", "{source}"], "is the source itself"),
        (["{source}", "{folder}/none/out.safetensors"], "no such folder"),
        (["{source}", "{folder}"], "ends in nothing"),
        (["sam-vgg", "{folder}/out.pkl"], "no such file; name a file, or one of sam-vgg_salicon"),
        (["{folder}", "{folder}/out.pkl"], "is no work folder"),
        (["{text}", "{folder}/out.pkl"], "not a weight file"),
        (["imagenet-vgg16", "{folder}/out.pkl", "--offline"], "not in the cache"),
    ],
)
def test_failures_exit_with_1_and_one_line(
    source, tmp_path, capsys, monkeypatch, arguments, message
):
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path))
    text = tmp_path / "text.pkl"
    text.write_text("no weights at all, only text")
    filled = [a.format(source=source, folder=tmp_path, text=text) for a in arguments]
    assert main(["convert", *filled]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == [text]
