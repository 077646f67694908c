"""samjax score and pack, from the command line to the files."""

import csv
import json

import cv2
import numpy as np
import pytest

from samjax.cli import main
from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.sources import Source, open_dataset
from samjax.data.synthetic.scenes import SceneSpec

SPLIT = ["--dataset", "synthetic", "--split", "validation"]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    spec = SceneSpec(48, 64, subjects=4)
    prepare_synthetic(data_dir=folder, spec=spec, counts={"train": 6, "validation": 5})
    return folder


@pytest.fixture(scope="module")
def maps(data_dir, tmp_path_factory):
    """Two folders: float maps of all images, and 8-bit maps of half the size of all but one."""
    folder = tmp_path_factory.mktemp("maps")
    rng = np.random.default_rng(0)
    source = Source(open_dataset("synthetic", data_dir), "validation")
    (folder / "fine").mkdir()
    (folder / "coarse").mkdir()
    for i, example in enumerate(source[k] for k in range(len(source))):
        size = example.height, example.width
        s = cv2.GaussianBlur(rng.random(size), (0, 0), 3).astype(np.float32)
        np.save(folder / "fine" / f"{example.image_id}.npy", s / s.sum())
        if i:
            half = cv2.resize(s, (size[1] // 2, size[0] // 2)) * 255
            cv2.imwrite(str(folder / "coarse" / f"{example.image_id}.png"), half.astype(np.uint8))
    np.save(folder / "coarse" / "stranger.npy", np.ones((3, 3)))
    return folder


def run(data_dir, folder, *more):
    return main(["score", *SPLIT, "--data_dir", str(data_dir), "--maps", str(folder), *more])


@pytest.fixture(scope="module")
def scored(data_dir, maps):
    path = maps / "fine.csv"
    assert run(data_dir, maps / "fine", "--csv", str(path), "--trials", "5") == 0
    return path


def test_files_carry_what_produced_them(scored):
    rows = list(csv.DictReader(scored.read_text().splitlines()))
    summary = json.loads(scored.with_suffix(".json").read_text())
    assert len(rows) == 5
    for row in rows:
        assert (row["convention"], row["dataset"]) == ("mit", "synthetic")
        assert row["edition"] == summary["edition"]
        assert (row["split"], row["resolution"]) == ("validation", "original")
        assert json.loads(row["sigma"]) == summary["sigma"]
    nss = np.mean([float(row["NSS"]) for row in rows])
    assert summary["scores"]["model"]["NSS"]["mean"] == pytest.approx(nss, abs=1e-6)
    assert list(summary["scores"])[1:] == [
        "uniform", "center Gaussian", "mean density", "center bias", "observers"
    ]  # fmt: skip
    assert set(summary["fraction"]) == set(summary["scores"]["model"])


def test_another_folder_is_compared_in_one_command(scored, data_dir, maps, capsys):
    arguments = ["--against", str(scored), "--trials", "0", "--metrics", "NSS,CC"]
    assert run(data_dir, maps / "coarse", *arguments) == 0
    out, err = capsys.readouterr()
    assert "these - other" in out
    assert "4 maps are 8 bit" in err
    assert "no map for 1 of 5 images" in err
    assert "stranger.npy" in err


def test_the_same_maps_differ_by_nothing(scored, data_dir, maps, capsys):
    target = maps / "again.csv"
    arguments = ["--against", str(scored), "--trials", "0", "--csv", str(target)]
    arguments += ["--metrics", "NSS,CC"]
    assert run(data_dir, maps / "fine", *arguments) == 0
    difference = json.loads(target.with_suffix(".json").read_text())["against"]["difference"]
    for name, d in difference.items():
        assert d["mean"] == pytest.approx(0, abs=1e-6), name


@pytest.mark.parametrize(
    ("more", "says"),
    [(["--convention", "salicon"], "convention"), (["--split", "validation[:3]"], "split")],
)
def test_what_cannot_be_compared_is_refused(scored, data_dir, maps, capsys, more, says):
    assert run(data_dir, maps / "fine", "--against", str(scored), "--trials", "0", *more) == 1
    err = capsys.readouterr().err
    assert f"different {says} cannot be compared" in err


def test_tuebingen_wants_maps_of_the_image_size(data_dir, maps, capsys):
    assert run(data_dir, maps / "coarse", "--convention", "tuebingen", "--trials", "0") == 1
    assert "of the image's size only" in capsys.readouterr().err


def test_tuebingen_scores_densities(data_dir, maps, capsys):
    names = ["NSS", "CC", "SIM", "KL", "sAUC", "LL"]
    arguments = ["--convention", "tuebingen", "--trials", "0", "--densities"]
    assert run(data_dir, maps / "fine", *arguments, "--metrics", ",".join(names)) == 0
    head = capsys.readouterr().out.splitlines()[2].split()
    assert [name for name in head if name in names] == names
    single = ["--convention", "tuebingen", "--trials", "0", "--metrics", "NSS,LL"]
    assert run(data_dir, maps / "fine", *single) == 0
    assert capsys.readouterr().out.splitlines()[2].split()[:2] == ["NSS", "LL"]


def test_mistakes_are_one_line(data_dir, maps, tmp_path, capsys):
    for folder, more in (
        (tmp_path / "nothing", []),
        (tmp_path, []),
        (maps / "fine", ["--convention", "mitt"]),
        (maps / "fine", ["--metrics", "NSS,AUC"]),
        (maps / "fine", ["--against", "nothing.csv"]),
    ):
        assert run(data_dir, folder, *more) == 1
        assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_chosen_metrics_only(data_dir, maps, capsys):
    assert run(data_dir, maps / "fine", "--metrics", "NSS,EMD", "--trials", "0") == 0
    assert capsys.readouterr().out.splitlines()[2].split()[:2] == ["NSS", "EMD"]


CHEAP = ["--trials", "0", "--metrics", "NSS,CC"]


def altered(maps, folder, change, only=None):
    """A folder of the fine maps, of which all or one are altered."""
    folder.mkdir()
    for k, path in enumerate(sorted((maps / "fine").glob("*.npy"))):
        values = np.load(path)
        np.save(folder / path.name, change(values) if only in (None, k) else values)
    return folder


def means(capsys):
    return capsys.readouterr().out.splitlines()[3]


def test_log_densities_are_asked_about_and_scored_as_their_exponentials(
    data_dir, maps, tmp_path, capsys
):
    logs = altered(maps, tmp_path / "logs", np.log)
    for more in ([], ["--densities"], ["--convention", "tuebingen", "--densities"]):
        assert run(data_dir, logs, *CHEAP, *more) == 1
        printed = capsys.readouterr()
        assert not printed.out
        assert "--values=log-density" in printed.err.splitlines()[-1]
    assert run(data_dir, maps / "fine", *CHEAP) == 0
    expected = means(capsys)
    assert run(data_dir, logs, *CHEAP, "--values", "log-density") == 0
    assert means(capsys) == expected


@pytest.mark.parametrize(
    ("change", "says", "remedy"),
    [
        (lambda s: s * 3, "sums to 3", ["--densities", "--normalise"]),
        (lambda s: s - s.mean(), "has negative values", ["--values", "saliency"]),
        (lambda s: s.T, "axes are exchanged", ["--transpose"]),
        (lambda s: cv2.resize(s, (50, 50)), "of another aspect", ["--stretch"]),
    ],
)
def test_what_is_not_certain_is_asked_and_has_a_remedy(
    data_dir, maps, tmp_path, capsys, change, says, remedy
):
    folder = altered(maps, tmp_path / "maps", change)
    asked = ["--densities"] if "--densities" in remedy else []
    assert run(data_dir, folder, *CHEAP, *asked) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert says in last
    assert run(data_dir, folder, *CHEAP, *remedy) == 0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda s: np.full_like(s, np.nan), "is not finite"),
        (lambda s: np.stack([s, s * 0, s], -1), "is in colours"),
        (lambda s: s[:, :9], "another aspect"),
        (lambda s: np.log(s), "holds logarithms"),
    ],
)
def test_one_bad_map_hides_no_other(data_dir, maps, tmp_path, capsys, change, says):
    folder = altered(maps, tmp_path / "maps", change, only=2)
    target = tmp_path / "scores.csv"
    assert run(data_dir, folder, *CHEAP, "--csv", str(target)) == 1
    printed = capsys.readouterr()
    assert "4 images" in printed.out
    lines = [line for line in printed.err.splitlines() if line.startswith("samjax score: ")]
    assert len(lines) == 1
    assert says in lines[0]
    assert "1 maps could not be used, 4 were scored" in printed.err
    assert len(target.read_text().splitlines()) == 5
    assert len(json.loads(target.with_suffix(".json").read_text())["failed"]) == 1


def test_damaged_maps_are_named(data_dir, maps, tmp_path, capsys):
    folder = altered(maps, tmp_path / "maps", lambda s: s)
    path = sorted(folder.glob("*.npy"))[1]
    for ending in (".npz", ".h5"):
        path.unlink()
        path = path.with_suffix(ending)
        path.write_bytes(b"rubbish" * 40)
        assert run(data_dir, folder, *CHEAP) == 1
        assert f"{path}: cannot be read as a map" in capsys.readouterr().err


def test_blank_maps_are_named(data_dir, maps, tmp_path, capsys):
    folder = altered(maps, tmp_path / "maps", lambda s: s * 0, only=1)
    assert run(data_dir, folder, *CHEAP) == 0
    assert "1 maps are blank" in capsys.readouterr().err
    assert run(data_dir, folder, *CHEAP, "--densities") == 1
    assert "is zero everywhere" in capsys.readouterr().err
