"""`samjax convert`: there and back bit for bit, and one line where it fails."""

import dataclasses
import hashlib
import shutil

import h5py
import numpy as np
import pytest
from flax.traverse_util import unflatten_dict
from reconfigured import reconfigure
from safetensors import safe_open
from trained import scenes, trained_workdir
from weight_files import narrow_networks, random_layers, released, tiny_weights, write_original

from samjax.cli import main
from samjax.prediction.predictor import load_model
from samjax.weights import load, save

__all__ = ["scenes", "trained_workdir"]


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
        (["{source}", "{folder}/out.safetensors", "--dtype=int8"], "use float32 or float16"),
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
    monkeypatch.setattr("samjax.prediction.choice.read_choice", lambda *_, **__: broken)
    assert main(["convert", "run", str(tmp_path / "out.safetensors")]) == 1
    error = capsys.readouterr().err
    assert "run, step 4 cannot be converted: tensor params/" in error
    assert "not finite" in error
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def bucketed(trained_workdir, tmp_path_factory):
    """A work folder whose network takes images of two aspects."""
    workdir = tmp_path_factory.mktemp("bucketed") / "run"
    shutil.copytree(trained_workdir, workdir)
    reconfigure(workdir, lambda config: config.data.update(buckets=((40, 32),)))
    return workdir


def test_a_converted_run_predicts_the_same_bits_at_every_aspect(bucketed, tmp_path, rng):
    ours = tmp_path / "run.safetensors"
    assert main(["convert", str(bucketed), str(ours)]) == 0
    folder, file = load_model(bucketed), load_model(ours)
    assert file.canvases == folder.canvases
    assert [canvas.input for canvas in file.canvases] == [(32, 40), (40, 32)]
    for size in ((30, 40), (40, 30)):
        photo = rng.integers(0, 256, (*size, 3), np.uint8)
        np.testing.assert_array_equal(file(photo).density, folder(photo).density)


def test_float16_rounds_the_kernels_of_a_run(bucketed, tmp_path, rng):
    sizes, maps = [], []
    photo = rng.integers(0, 256, (30, 40, 3), np.uint8)
    for dtype in ("float32", "float16"):
        path = tmp_path / f"{dtype}.safetensors"
        assert main(["convert", str(bucketed), str(path), "--dtype", dtype]) == 0
        sizes.append(path.stat().st_size)
        maps.append(load_model(path)(photo).density)
    assert sizes[1] < 0.8 * sizes[0]
    # float16 rounds a kernel by up to 2**-11 of its value, and errors of a few layers add up.
    assert 0 < np.abs(maps[0] - maps[1]).max() < 0.02 * maps[0].max()


def test_a_converted_run_tells_its_card(bucketed, tmp_path):
    path = tmp_path / "box.safetensors"
    assert main(["convert", str(bucketed), str(path), "--licence=mit", "--dtype=float16"]) == 0
    card = load(path).card
    assert (card["name"], card["licence"], card["dtype"]) == ("box", "mit", "float16")
    assert [row["name"] for row in card["data"]] == ["synthetic", "synthetic"]
    assert card["run"]["step"] == int(load(path).origin.rsplit(" ", 1)[1])
    # Back to float32, the facts stay.
    again = tmp_path / "again.safetensors"
    assert main(["convert", str(path), str(again)]) == 0
    assert load(again).card["data"] == card["data"]
    assert load(again).card["licence"] == "mit"
