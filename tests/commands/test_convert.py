"""`samjax convert`: there and back bit for bit, and one line where it fails."""

import dataclasses
import hashlib

import h5py
import numpy as np
import pytest
from flax.traverse_util import unflatten_dict
from safetensors import safe_open
from weight_files import narrow_networks, random_layers, released, tiny_weights, write_original

from samjax.cli import main
from samjax.weights import load, save


def there_and_back(folder, capsys) -> str:
    """Convert a file of the original's layout and back, and return the line that is printed."""
    source = folder / "sam-vgg.pkl"
    ours, back = folder / "sam.safetensors", folder / "back.pkl"
    fields = released("vgg16")
    write_original(source, fields, random_layers(fields, np.random.default_rng(0)), True)
    assert main(["convert", str(source), str(ours)]) == 0
    line = capsys.readouterr().out
    with safe_open(ours, framework="numpy") as file:
        metadata = file.metadata()
    assert metadata["face"] == "paper"
    assert metadata["framing"] == "paper"
    assert metadata["origin"] == "sam-vgg.pkl"
    assert metadata["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert load(ours).model == fields
    assert main(["convert", str(ours), str(back)]) == 0
    with h5py.File(source) as a, h5py.File(back) as b:
        assert_same_tensors(a["model_weights"], b)
    for path in (source, ours, back):
        path.unlink()  # at full width they take hundreds of megabytes, which pytest would keep
    return line


def assert_same_tensors(a, b):
    """Two groups of the original's layout hold the same bits."""
    assert list(a.attrs["layer_names"]) == list(b.attrs["layer_names"])
    for layer in a.attrs["layer_names"]:
        for name in a[layer].attrs["weight_names"]:
            assert a[layer][name][()].tobytes() == b[layer][name][()].tobytes()


def test_there_and_back_is_bit_for_bit(tmp_path, capsys):
    with narrow_networks():
        assert "values from sam-vgg.pkl" in there_and_back(tmp_path, capsys)


@pytest.mark.slow
def test_the_full_network_there_and_back_is_bit_for_bit(tmp_path, capsys):
    assert "sam of 51,835,841 values from sam-vgg.pkl" in there_and_back(tmp_path, capsys)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{source}", "{folder}/out.txt"], "ends in .txt; use .safetensors or .pkl"),
        (["{source}", "{source}"], "is the source itself"),
        (["{source}", "{folder}/none/out.safetensors"], "no such folder"),
        (["{source}", "{folder}/out.pkl"], "only a whole network in the paper preset"),
        (["{source}", "{folder}"], "ends in nothing"),
        (["sam-vgg", "{folder}/out.pkl"], "no such file; name a file, or one of sam-vgg_salicon"),
        (["{folder}", "{folder}/out.pkl"], "is no work folder"),
        (["{text}", "{folder}/out.pkl"], "not a weight file"),
        (["imagenet-vgg16", "{folder}/out.pkl", "--offline"], "not in the cache"),
    ],
)
def test_failures_exit_with_1_and_one_line(tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path))
    source, text = tmp_path / "source.safetensors", tmp_path / "text.pkl"
    save(source, tiny_weights())
    text.write_text("no weights at all, only text")
    filled = [a.format(source=source, folder=tmp_path, text=text) for a in arguments]
    assert main(["convert", *filled]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert set(tmp_path.iterdir()) == {source, text}


def test_what_could_not_be_read_again_is_not_written(tmp_path, capsys, monkeypatch):
    weights = tiny_weights()
    for path, array in weights.flat().items():
        if path[-1] == "kernel":
            array = array.copy()
            array.flat[0] = np.nan
            break
    variables = unflatten_dict({**weights.flat(), path: array})
    broken = dataclasses.replace(weights, variables=variables, origin="run, step 4")
    monkeypatch.setattr("samjax.training.restore.read_weights", lambda *_, **__: broken)
    assert main(["convert", "run", str(tmp_path / "out.safetensors")]) == 1
    error = capsys.readouterr().err
    assert "run, step 4 cannot be converted: tensor params/" in error
    assert "not finite" in error
    assert list(tmp_path.iterdir()) == []
