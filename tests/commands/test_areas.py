"""`samjax areas` from the command line to its files, with a tiny model."""

import csv
import json

import numpy as np
import pytest
from PIL import Image
from tiny_model import save_tiny_model

from samjax.cli import main
from samjax.prediction.predictor import load_model


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return str(save_tiny_model(tmp_path_factory.mktemp("weights") / "tiny.safetensors"))


@pytest.fixture
def photos(tmp_path, rng):
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, size in (("a.png", (30, 40)), ("b.jpg", (33, 21))):
        Image.fromarray(rng.integers(0, 256, (*size, 3), np.uint8)).save(folder / name)
    (folder / "broken.png").write_bytes(b"no picture")
    return folder


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_grid_over_a_folder(weights, photos, tmp_path, capsys):
    files = [f"--csv={tmp_path / 'a.csv'}", f"--json={tmp_path / 'a.json'}"]
    options = ["--draw", "--output", str(tmp_path / "out"), "--timesteps", "--fixations=3"]
    arguments = ["areas", str(photos), "--grid=2x3", "--weights", weights, *files, *options]
    assert main(arguments) == 1  # of the broken one, which ends nothing
    printed = capsys.readouterr()
    assert "broken.png: cannot be read" in printed.err
    assert "seen in 3" in printed.out
    rows = read(tmp_path / "a.csv")
    assert len(rows) == 2 * 6
    for name in ("a.png", "b.jpg"):
        own = [row for row in rows if row["image"].endswith(name)]
        shares = [float(row["share"]) for row in own]
        assert sum(shares) == pytest.approx(1, abs=1e-6)
        density = load_model(weights)(photos / name).density
        left = density[: density.shape[0] // 2, : density.shape[1] // 3].sum()
        if density.shape[0] % 2 == 0 and density.shape[1] % 3 == 0:
            assert shares[0] == pytest.approx(left, rel=1e-4)
        assert [float(r["probability"]) for r in own] == pytest.approx(
            [1 - (1 - share) ** 3 for share in shares]
        )
    value = json.loads((tmp_path / "a.json").read_text())
    assert [len(image["areas"]) for image in value["images"]] == [6, 6]
    assert "broken.png" in value["failed"][0]["image"]
    with Image.open(tmp_path / "out" / "a_areas.png") as drawn:
        assert drawn.size == (40, 30)


def test_a_model_with_viewing_times_has_them_named(photos, tmp_path, capsys):
    (photos / "broken.png").unlink()
    file = tmp_path / "times.safetensors"
    save_tiny_model(file, viewing_times_ms=(500.0, 3000.0), timesteps=2)
    arguments = ["areas", str(photos / "a.png"), "--grid=1x2", "--weights", str(file)]
    assert main([*arguments, "--timesteps", "--csv", str(tmp_path / "a.csv")]) == 0
    printed = capsys.readouterr().out
    assert "500 ms" in printed
    assert "seen in 10" in printed
    rows = read(tmp_path / "a.csv")
    columns = ("timestep", "viewing_time_ms", "fixations")
    assert [[row[name] for name in columns] for row in rows[::2]] == [
        ["1", "500.0", "2"],
        ["2", "3000.0", "10"],
    ]
    timesteps = load_model(file)(photos / "a.png").timesteps
    assert float(rows[0]["share"]) == pytest.approx(timesteps[0][:, :20].sum(), rel=1e-4)
    for row in rows:
        missed = (1 - float(row["share"])) ** int(row["fixations"])
        assert float(row["probability"]) == pytest.approx(1 - missed)


def test_areas_are_matched_by_name_and_oddities_are_told(weights, photos, tmp_path, capsys):
    (photos / "broken.png").unlink()
    file = tmp_path / "areas.csv"
    rows = ["image,area,x,y,width,height", "a.png,logo,0,0,10,10", "a.png,menu,5,5,50,10"]
    file.write_text("\n".join([*rows, "a.png,empty,1,1,0,5", "gone.png,logo,0,0,1,1"]))
    assert main(["areas", str(photos), "--areas", str(file), "--weights", weights]) == 0
    printed = capsys.readouterr()
    for text in (
        "no picture is called 'gone.png'",
        "has no area for",
        "'menu' leaves the picture",
        "'empty' has no size",
        "'logo' and 'menu' overlap",
    ):
        assert text in printed.err
    assert "b.jpg" not in printed.out
    assert "1  logo" in printed.out


def test_pictures_in_a_folder_called_areas_are_measured(weights, photos, monkeypatch, capsys):
    """Nothing is drawn, so the default folder for drawings is a folder like any other."""
    (photos / "broken.png").unlink()
    monkeypatch.chdir(photos.parent)
    photos.rename("areas")
    assert main(["areas", "areas", "--grid=1x1", "--weights", weights]) == 0
    assert capsys.readouterr().out.count("100.0 %") >= 2


def test_regions_find_themselves(weights, photos, capsys):
    assert main(["areas", str(photos / "a.png"), "--auto=1", "--weights", weights]) == 0
    assert "1  region 1" in capsys.readouterr().out


def test_wrong_files_are_told_before_the_model_is_loaded(photos, tmp_path, capsys):
    (tmp_path / "a.csv").write_text("area,x\n")
    paths = ["areas", str(photos), "--weights=gone"]
    assert main([*paths, "--areas", str(tmp_path / "a.csv")]) == 1
    assert "lacks the column" in capsys.readouterr().err
    (tmp_path / "b.csv").write_text("image,area,x,y,width,height\nzz.png,a,0,0,1,1\n")
    assert main([*paths, "--areas", str(tmp_path / "b.csv")]) == 1
    assert "has no area for" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [[], ["--grid=3"], ["--grid=0x3"], ["--grid=2x2", "--auto=2"], ["--auto=0"], ["--auto=x"]],
)
def test_wrong_usage(options, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["areas", "a.png", *options])
    assert stop.value.code == 2


@pytest.mark.parametrize(
    "command", [["areas", "--grid=1x1"], ["crop", "--ratio=1:1"], ["compare"]], ids=lambda c: c[0]
)
def test_the_limit_of_pixels_is_the_users(weights, photos, command, capsys):
    name, *options = command
    picture = str(photos / "a.png")
    pictures = [picture, picture] if name == "compare" else [picture]
    arguments = [name, *pictures, *options, "--weights", weights, "--max-pixels=1000"]
    assert main(arguments) == 1
    assert "a.png" in (told := capsys.readouterr().err)
    assert "1200 pixels" in told or "1,200 pixels" in told
