"""samjax crop, from the command line to the files."""

import json

import numpy as np
import pytest
from PIL import Image
from tiny_model import save_tiny_model

from samjax.cli import main


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return save_tiny_model(tmp_path_factory.mktemp("weights") / "tiny.safetensors")


@pytest.fixture
def photos(tmp_path, rng):
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.fromarray(rng.integers(0, 256, (30, 40, 3), np.uint8)).save(folder / "a.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    Image.fromarray(rng.integers(0, 256, (30, 50, 3), np.uint8)).save(folder / "b.jpg", exif=exif)
    return folder


def test_json_names_boxes_and_focal_points_and_files_are_those_boxes(weights, photos, capsys):
    (photos / "broken.jpg").write_bytes(b"")
    output = photos / "crops"
    arguments = ["crop", "--weights", str(weights), "--ratio", "1:1,16:9", "--size", "8x6"]
    arguments += ["--json", "-", "--write", "--output", str(output), str(photos)]
    assert main(arguments) == 1
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert "broken.jpg" in printed.err
    assert "Traceback" not in printed.err
    assert [failure["image"] for failure in document["failed"]] == [str(photos / "broken.jpg")]
    a, b = document["images"]
    assert (a["width"], a["height"], b["width"], b["height"]) == (40, 30, 30, 50)
    for image in (a, b):
        assert all(0 <= image["focal_point"][axis] <= 1 for axis in "xy")
        assert [crop["name"] for crop in image["crops"]] == ["1x1", "16x9", "8x6"]
        for crop in image["crops"]:
            box = crop["box"]
            assert 0 <= box["x"] <= image["width"] - box["width"]
            assert 0 <= box["y"] <= image["height"] - box["height"]
            assert 0 < crop["inside"] <= crop["share"] <= 1
            with Image.open(crop["file"]) as cut:
                size = (8, 6) if crop["name"] == "8x6" else (box["width"], box["height"])
                assert cut.size == size == tuple(crop["size"].values())
    assert sorted(p.name for p in output.iterdir()) == [
        "a_16x9.png", "a_1x1.png", "a_8x6.png", "b_16x9.jpg", "b_1x1.jpg", "b_8x6.jpg"
    ]  # fmt: skip
    box = a["crops"][0]["box"]
    whole = Image.open(photos / "a.png")
    part = whole.crop((box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]))
    with Image.open(output / "a_1x1.png") as cut:
        np.testing.assert_array_equal(np.asarray(cut), np.asarray(part))


def test_a_table_is_printed_and_what_cannot_be_kept_is_told(weights, photos, capsys):
    arguments = ["crop", "--weights", str(weights), "--ratio", "1:1", "--keep", "1", str(photos)]
    assert main([*arguments, "--json", str(photos / "crops.json")]) == 0
    assert "the largest 1x1 keeps" in capsys.readouterr().err
    crops = json.loads((photos / "crops.json").read_text())["images"][0]["crops"]
    assert not crops[0]["enough"]
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["image", "crop", "x"]
    assert len(lines) == 3
    assert not (photos / "crops").exists()


def test_a_size_larger_than_a_picture_fails_for_that_picture_alone(weights, photos, capsys):
    arguments = ["crop", "--weights", str(weights), "--size", "35x20", str(photos)]
    assert main(arguments) == 1
    printed = capsys.readouterr()
    assert "b.jpg: 35x20 is larger than the picture of 30x50" in printed.err
    assert "a.png" in printed.out
    assert main([*arguments, "--enlarge"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give --ratio"),
        (["--ratio", "800x450"], "16:9"),
        (["--size", "16:9"], "800x450"),
        (["--ratio", "16:9", "--size", "16x9"], "both name 16x9"),
        (["--ratio", "1:1", "--margin", "0.4"], "margin=0.4"),
        (["--ratio", "1:1", "--keep", "80"], "keep=80"),
    ],
)
def test_wrong_arguments_are_told_before_anything_is_loaded(photos, capsys, arguments, message):
    assert main(["crop", *arguments, "--weights", "no such file", str(photos)]) == 1
    assert message in capsys.readouterr().err
