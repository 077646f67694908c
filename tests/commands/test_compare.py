"""`samjax compare` from the command line to its files and exit status, with tiny models."""

import csv
import json

import numpy as np
import pytest
from PIL import Image
from tiny_model import save_tiny_model

from samjax.cli import main


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return str(save_tiny_model(tmp_path_factory.mktemp("weights") / "tiny.safetensors"))


@pytest.fixture
def versions(tmp_path, rng):
    """old/ and new/, of which a.png is the same in both and b.png is not."""
    for name, size in (("a.png", (30, 40)), ("b.png", (30, 40))):
        pixels = rng.integers(0, 256, (*size, 3), np.uint8)
        for folder in ("old", "new"):
            (tmp_path / folder).mkdir(exist_ok=True)
            if (folder, name) == ("new", "b.png"):
                pixels = np.kron(pixels[::-1], np.ones((2, 2, 1))).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / folder / name)
    return tmp_path


def compare(folder, weights, *options):
    paths = [str(folder / "old"), str(folder / "new")]
    return main(["compare", *paths, "--weights", weights, "--augmentations=3", *options])


def test_folders(weights, versions, capsys):
    files = [f"--csv={versions / 'c.csv'}", f"--json={versions / 'c.json'}"]
    assert compare(versions, weights, f"--output={versions / 'out'}", *files) == 0
    printed = capsys.readouterr()
    assert "spread over 4 ways of showing both pictures" in printed.out
    with (versions / "c.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 9
    for row in rows:
        low, high = float(row["low"]), float(row["high"])
        if row["image_after"].endswith("a.png"):  # nothing changed
            assert low <= 0 <= high
            assert float(row["moved"]) == 0
        assert low <= float(row["difference"]) <= high
    signed = np.load(versions / "out" / "b_difference.npy")
    assert (signed.shape, signed.dtype) == ((30, 40), np.float32)
    assert abs(signed.sum(dtype=np.float64)) < 1e-6
    moved = json.loads((versions / "c.json").read_text())["pairs"][1]["moved"]
    assert np.abs(signed).sum() / 2 == pytest.approx(moved, rel=1e-4)
    assert moved > 0
    with Image.open(versions / "out" / "b_difference.png") as drawn:
        assert drawn.width == 40


def test_the_status_says_whether_a_condition_is_met(weights, versions, capsys):
    every = ["--fail-if", "r1c1 > 0.99", "--fail-if", "r2c2 drops 0.9"]
    assert compare(versions, weights, *every) == 0
    assert compare(versions, weights, *every, "--fail-if", "r1c1 < 0.99") == 3
    err = capsys.readouterr().err
    assert "failed:" in err
    assert "r1c1 < 0.99: 'r1c1' gets" in err
    assert "r2c2 drops" not in err
    assert compare(versions, weights, "--fail-if", "cta < 0.1") == 1
    assert "no area 'cta'" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        compare(versions, weights, "--fail-if", "cta falls")
    assert stop.value.code == 2


def test_a_bad_picture_does_not_end_the_run(weights, versions, capsys):
    (versions / "new" / "a.png").write_bytes(b"no picture")
    assert compare(versions, weights) == 1
    printed = capsys.readouterr()
    assert "a.png: cannot be read" in printed.err
    assert "b.png" in printed.out
    assert compare(versions, weights, "--fail-if", "r1c1 < 0.99") == 3


def test_several_models_are_an_ensemble(weights, versions, capsys):
    paths = [str(versions / folder / "b.png") for folder in ("old", "new")]
    models = ["--weights", weights, "--weights", weights]
    assert main(["compare", *paths, *models, "--grid=1x2"]) == 0
    assert "spread over 2 models" in capsys.readouterr().out
    assert main(["compare", *paths, *models, "--augmentations=3"]) == 1
    assert "leave the other out" in capsys.readouterr().err


def test_no_input_is_replaced(weights, versions, capsys):
    old, new = versions / "old" / "b_difference.png", versions / "new" / "b.png"
    (versions / "old" / "b.png").rename(old)
    output = ["--output", str(old.parent)]
    assert main(["compare", str(old), str(new), "--weights", weights, *output]) == 1
    assert "is an input" in capsys.readouterr().err
