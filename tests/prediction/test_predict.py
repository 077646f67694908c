"""Prediction of every kind of image that people have, with a tiny network."""

import io
import os

import jax
import numpy as np
import pytest
from PIL import Image
from tiny_model import FIELDS, INPUT, SAM_TINY, save_tiny_model, tiny_variables

from samjax.analysis.scanpath import scanpaths
from samjax.cli import main
from samjax.commands.predict_options import output_kinds
from samjax.errors import UserError
from samjax.models import SAM
from samjax.prediction.maps import model_maps
from samjax.prediction.outputs import Outputs
from samjax.prediction.predict import predict_paths
from samjax.prediction.predictor import Predictor
from samjax.prediction.reading import ReadOptions, load_photo
from samjax.prediction.traced import TracedNetwork


def picture(rng, size, mode="RGB"):
    image = Image.fromarray(rng.integers(0, 256, (*size, 3), np.uint8))
    return image.convert(mode)


@pytest.fixture
def photos(tmp_path, rng):
    """name -> (height, width) of a folder of images."""
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    picture(rng, (30, 40)).save(folder / "a.jpg")
    picture(rng, (20, 25), "RGBA").save(folder / "a.png")
    picture(rng, (33, 21), "L").save(folder / "grey.png")
    picture(rng, (30, 40), "CMYK").save(folder / "cmyk.jpg")
    picture(rng, (30, 40), "P").save(folder / "palette.gif")
    picture(rng, (30, 50)).save(folder / "turned.jpg", exif=exif)
    Image.fromarray(rng.integers(0, 2**16, (9, 8)).astype(np.uint16)).save(folder / "deep.png")
    picture(rng, (1, 1)).save(folder / "sub" / "pixel.png")
    picture(rng, (3, 2000)).save(folder / "sub" / "long.bmp")
    picture(rng, (1500, 2)).save(folder / "sub" / "tall.webp")
    (folder / "notes.txt").write_text("no image")
    return folder, {
        "a_jpg": (30, 40),
        "a_png": (20, 25),
        "grey": (33, 21),
        "cmyk": (30, 40),
        "palette": (30, 40),
        "turned": (50, 30),
        "deep": (9, 8),
        "sub/pixel": (1, 1),
        "sub/long": (3, 2000),
        "sub/tall": (1500, 2),
    }


def test_every_kind_of_image_has_a_density_of_its_own_size(model, photos, tmp_path):
    folder, sizes = photos
    result = predict_paths(model, [folder], tmp_path / "out", batch_size=4)
    assert not result.failed
    assert len(result.written) == len(sizes)
    for name, size in sizes.items():
        saliency = np.load(tmp_path / "out" / f"{name}.npy")
        assert saliency.shape == size, name
        assert saliency.dtype == np.float32
        assert saliency.min() > 0
        assert saliency.sum(dtype=np.float64) == pytest.approx(1, abs=1e-4)


def test_every_format_is_readable(model, photos, tmp_path):
    folder, sizes = photos
    kinds = ("npy", "png16", "png8", "heatmap", "overlay")
    result = predict_paths(model, [folder], tmp_path / "out", kinds=kinds, batch_size=4)
    assert len(result.written) == len(kinds) * len(sizes)
    for name, size in sizes.items():
        for ending in (".png", "_8bit.png", "_heatmap.png", "_overlay.jpg"):
            with Image.open(tmp_path / "out" / f"{name}{ending}") as image:
                assert image.size == size[::-1]
    with Image.open(tmp_path / "out" / "a_jpg.png") as image:
        assert np.asarray(image).max() == 2**16 - 1
        assert np.asarray(image).min() >= 1


def test_batch_size_does_not_change_the_maps(model, photos, tmp_path):
    folder, sizes = photos
    predict_paths(model, [folder], tmp_path / "1", batch_size=1)
    predict_paths(model, [folder], tmp_path / "4", batch_size=4)
    for name in sizes:
        alone, together = (np.load(tmp_path / n / f"{name}.npy") for n in "14")
        # Another program sums in another order: a log-density may differ by some roundings of
        # scores of size 100 (2^-24 * 100 = 6e-6), and so the density by that fraction.
        np.testing.assert_allclose(alone, together, rtol=1e-3)


def test_unreadable_files_are_reported_and_the_rest_is_written(model, photos, tmp_path):
    folder, sizes = photos
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    (folder / "empty.png").write_bytes(b"")
    buffer = io.BytesIO()
    Image.new("RGB", (90, 90)).save(buffer, "png")
    (folder / "cut.png").write_bytes(buffer.getvalue()[:60])
    done = []
    result = predict_paths(model, [folder], tmp_path / "out", batch_size=4, on_done=done.append)
    assert {path.name for path, _ in result.failed} == {"broken.jpg", "empty.png", "cut.png"}
    assert all(reason and "\n" not in reason for _, reason in result.failed)
    assert len(result.written) == len(sizes)
    assert len(done) == len(sizes) + 3


def test_inputs_are_never_overwritten(model, tmp_path, rng):
    picture(rng, (20, 30)).save(tmp_path / "a.png")
    picture(rng, (20, 30)).save(tmp_path / "a_overlay.jpg")
    before = {p: p.read_bytes() for p in tmp_path.iterdir()}
    for _ in range(2):
        predict_paths(model, list(before), tmp_path, kinds=("png8", "overlay"), batch_size=4)
    assert all(path.read_bytes() == data for path, data in before.items())
    assert len(list(tmp_path.iterdir())) == 2 + 4


def test_maps_that_are_not_finite_are_failures(model, tmp_path, rng):
    picture(rng, (20, 30)).save(tmp_path / "a.png")
    variables = jax.tree.map(lambda x: x * np.nan, tiny_variables())
    broken = Predictor(TracedNetwork(SAM_TINY, variables, INPUT, "broken"))
    result = predict_paths(broken, [tmp_path / "a.png"], tmp_path / "out", batch_size=4)
    assert not result.written
    assert "finite" in result.failed[0][1]
    assert not (tmp_path / "out").exists()


def test_timesteps_reach_the_model(model, rng):
    images = rng.integers(0, 256, (1, *INPUT, 3), np.uint8)
    one, two = model_maps(model, images), model_maps(model, images, 2)
    assert one.shape == two.shape
    assert np.abs(one - two).max() > 0
    np.testing.assert_array_equal(one, model_maps(model, images, 1))


@pytest.mark.parametrize(("broken", "status"), [(False, 0), (True, 1)])
def test_command_tells_and_exits(model, photos, tmp_path, monkeypatch, capsys, broken, status):
    folder, sizes = photos
    if broken:
        (folder / "broken.jpg").write_bytes(b"")
    monkeypatch.setattr("samjax.prediction.predictor.load_model", lambda weights, offline: model)
    output = tmp_path / "out"
    arguments = ["predict", "--weights", "w", "--output", str(output), "--overlay", str(folder)]
    assert main([*arguments, "--batch-size=4"]) == status
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 2 * len(sizes)
    assert ("broken.jpg" in printed.err) == broken
    assert "Traceback" not in printed.err


def test_command_checks_before_it_loads(tmp_path, capsys):
    assert main(["predict", "--weights", "w", str(tmp_path / "missing.jpg")]) == 1
    assert "missing.jpg does not exist" in capsys.readouterr().err


def test_formats_are_checked():
    assert output_kinds("png16, npy,png16", True, False) == ("png16", "npy", "heatmap")
    for formats in ("jpg", "", "npy,tiff"):
        with pytest.raises(UserError, match="npy"):
            output_kinds(formats, False, False)


def test_all_timesteps_are_the_maps_of_runs_with_that_many(model, rng, tmp_path):
    picture(rng, (40, 50)).save(tmp_path / "a.png")
    options = {"batch_size": 1}
    paths = [tmp_path / "a.png"]
    predict_paths(model, paths, tmp_path / "all", timesteps=2, all_timesteps=True, **options)
    assert sorted(p.name for p in (tmp_path / "all").iterdir()) == ["a_t1.npy", "a_t2.npy"]
    for t in (1, 2):
        predict_paths(model, paths, tmp_path / str(t), timesteps=t, **options)
        alone, together = np.load(tmp_path / f"{t}/a.npy"), np.load(tmp_path / f"all/a_t{t}.npy")
        # Two programs, see above.
        np.testing.assert_allclose(together, alone, rtol=1e-3)


def test_a_model_without_recurrence_has_one_map(rng, tmp_path):
    flat = Predictor(
        TracedNetwork(SAM(**{**FIELDS, "timesteps": 0}), tiny_variables(), INPUT, "flat")
    )
    picture(rng, (40, 50)).save(tmp_path / "a.png")
    options = {"batch_size": 1, "all_timesteps": True}
    predict_paths(flat, [tmp_path / "a.png"], tmp_path / "out", **options)
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["a.npy"]


def test_one_bad_file_hides_no_other_whatever_its_decoder_raises(model, tmp_path, rng):
    folder = tmp_path / "photos"
    folder.mkdir()
    picture(rng, (20, 30)).save(folder / "a.jpg")
    picture(rng, (20, 30)).save(folder / "z.jpg")
    buffer = io.BytesIO()
    picture(rng, (20, 30)).save(buffer, "AVIF")
    (folder / "b.avif").write_bytes(buffer.getvalue().replace(b"iloc", b"ilox"))
    (folder / "c.avif").write_bytes(buffer.getvalue()[:200])
    (folder / "d.dng").write_bytes(b"x")
    os.symlink("nowhere.jpg", folder / "e.jpg")
    result = predict_paths(model, [folder], tmp_path / "out", batch_size=4)
    assert [path.name for path in result.written] == ["a.npy", "z.npy"]
    assert sorted(path.name for path, _ in result.failed) == ["b.avif", "c.avif", "d.dng", "e.jpg"]


@pytest.mark.parametrize("name", [b"caf\xe9", b"a" * 245, "\u6771".encode() * 80, b"two\nlines"])
def test_names_of_all_kinds_are_written_and_printed(
    model, tmp_path, rng, monkeypatch, capfdbinary, name
):
    folder = tmp_path / "photos"
    folder.mkdir()
    path = os.path.join(os.fsencode(folder), name + b".jpg")
    try:
        with open(path, "wb") as file:
            picture(rng, (20, 30)).save(file, "JPEG")
    except OSError:
        pytest.skip("this file system wants UTF-8")
    monkeypatch.setattr("samjax.prediction.predictor.load_model", lambda weights, offline: model)
    stdout = io.TextIOWrapper(os.fdopen(os.dup(1), "wb"), encoding="utf-8")
    monkeypatch.setattr("sys.stdout", stdout)
    arguments = ["--weights", "w", "--output", str(tmp_path / "out"), "--batch-size=4"]
    assert main(["predict", *arguments, str(folder)]) == 0
    stdout.close()
    assert os.listdir(os.fsencode(tmp_path / "out")) == [name + b".npy"]
    assert name + b".npy" in capfdbinary.readouterr().out


def test_a_name_that_is_too_long_for_its_map_is_told(model, tmp_path, rng):
    picture(rng, (20, 30)).save(tmp_path / f"{'a' * 250}.jpg")
    picture(rng, (20, 30)).save(tmp_path / "b.jpg")
    kinds = ("overlay",)
    result = predict_paths(model, [tmp_path], tmp_path / "out", kinds=kinds, batch_size=4)
    assert [path.name for path in result.written] == ["b_overlay.jpg"]
    assert "give it a shorter name" in result.failed[0][1]


def test_stored_pixels_are_those_that_fixations_refer_to(model, tmp_path, rng):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture(rng, (20, 30)).save(tmp_path / "a.jpg", exif=exif)
    options = {"batch_size": 4}
    predict_paths(model, [tmp_path / "a.jpg"], tmp_path / "1", **options)
    reading = ReadOptions(upright=False)
    predict_paths(model, [tmp_path / "a.jpg"], tmp_path / "2", reading=reading, **options)
    assert np.load(tmp_path / "1/a.npy").shape == (30, 20)
    assert np.load(tmp_path / "2/a.npy").shape == (20, 30)


def test_large_photographs_give_the_maps_that_they_give_otherwise(
    model, tmp_path, rng, monkeypatch
):
    picture(rng, (37, 50)).save(tmp_path / "a.png")
    kinds = ("npy", "png16", "png8", "heatmap", "overlay")
    predict_paths(model, [tmp_path / "a.png"], tmp_path / "1", kinds=kinds, batch_size=4)
    # As if it were large: everything is made in parts, and the photograph is read twice.
    monkeypatch.setattr("samjax.prediction.reading.LARGE_PIXELS", 300)
    monkeypatch.setattr("samjax.files.limits.LARGE_PIXELS", 300)
    monkeypatch.setattr("samjax.files.limits.STRIP", 120)
    monkeypatch.setattr("samjax.data.pixels.STRIP", 120)
    predict_paths(model, [tmp_path / "a.png"], tmp_path / "2", kinds=kinds, batch_size=4)
    for path in (tmp_path / "1").iterdir():
        assert (tmp_path / "2" / path.name).read_bytes() == path.read_bytes(), path.name


def test_a_very_large_jpeg_is_drawn_down_while_it_is_decoded(model, tmp_path, monkeypatch):
    y, x = np.mgrid[:96, :128]
    smooth = np.stack([x * 2, y * 2, x + y], -1).astype(np.uint8)
    Image.fromarray(smooth).save(tmp_path / "a.jpg", quality=95)
    plan = Outputs(tmp_path / "a.jpg", {("npy", ""): tmp_path / "a.npy"})
    whole = load_photo(plan, model)
    monkeypatch.setattr("samjax.prediction.reading.MAX_DECODED", 4000)
    drawn = load_photo(plan, model)
    assert drawn.size == whole.size == (96, 128)
    difference = np.abs(drawn.canvas.astype(int) - whole.canvas)
    assert 0 < difference.mean() < 3


def test_further_files_are_written_beside_the_maps(model, rng, tmp_path, monkeypatch):
    picture(rng, (30, 40)).save(tmp_path / "a.png")
    monkeypatch.setattr("samjax.prediction.predictor.load_model", lambda weights, offline: model)
    output = tmp_path / "out"
    arguments = ["predict", "--output", str(output), "--batch-size=1", str(tmp_path / "a.png")]
    assert main([*arguments, "--scanpath=3", "--seed=2"]) == 0
    assert sorted(p.name for p in output.iterdir()) == [
        "a.npy", "a_scanpath.csv", "a_scanpath.jpg"
    ]  # fmt: skip
    points = scanpaths(np.load(output / "a.npy"), 3, seed=2)[0]
    rows = np.loadtxt(output / "a_scanpath.csv", delimiter=",", skiprows=1)
    np.testing.assert_allclose(rows[:, 1:], points, atol=0.051)
    with Image.open(output / "a_scanpath.jpg") as drawn:
        assert drawn.size == (40, 30)


def test_a_seed_for_nothing_is_refused(tmp_path, capsys):
    assert main(["predict", "--seed=2", str(tmp_path)]) == 1
    assert "--scanpath" in capsys.readouterr().err


def test_viewing_times_name_the_files_and_choose_the_timestep(tmp_path, rng, capsys):
    file = save_tiny_model(
        tmp_path / "w.safetensors", viewing_times_ms=(500.0, 1000.0), timesteps=2
    )
    photo = tmp_path / "a.png"
    picture(rng, (30, 40)).save(photo)

    def run(name, *options):
        command = ["predict", str(photo), "--weights", str(file), "--output", str(tmp_path / name)]
        return main([*command, *options])

    assert run("all", "--all-timesteps") == 0
    assert run("early", "--viewing-time=500") == 0
    early = np.load(tmp_path / "all" / "a_t1_500ms.npy")
    np.testing.assert_allclose(np.load(tmp_path / "early" / "a.npy"), early, rtol=1e-4)
    assert (tmp_path / "all" / "a_t2_1000ms.npy").exists()
    assert run("none", "--viewing-time=700") == 1
    assert "not trained for a viewing time of 700 ms; use 500, 1000" in capsys.readouterr().err
