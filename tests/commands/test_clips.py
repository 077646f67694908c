"""`samjax predict` and `samjax areas` on clips, from the command line, with a tiny model."""

import csv
import signal
import sys

import numpy as np
import pytest
from clips import grey_frames, random_frames, seconds, write_animation, write_lossless
from PIL import Image
from tiny_model import save_tiny_model

from samjax.cli import main
from samjax.console.progress import ProgressBar
from samjax.video import open_clip


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return f"--weights={save_tiny_model(tmp_path_factory.mktemp('weights') / 'tiny.safetensors')}"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def without_av(monkeypatch):
    """PyAV is as if it were not installed."""
    monkeypatch.setitem(sys.modules, "av", None)


def test_without_the_extra_animations_work_and_videos_say_what_to_install(
    weights, here, without_av, capsys
):
    write_animation(here / "moving.gif", grey_frames(6))
    (here / "film.mp4").write_bytes(b"")
    assert main(["predict", "moving.gif", "film.mp4", "--format=png8", "--overlay", weights]) == 1
    printed = capsys.readouterr()
    assert printed.out.split() == ["saliency/moving_overlay.webp", "saliency/moving"]
    assert "film.mp4: a video needs the package av, which is not installed" in printed.err
    assert "run pip install 'samjax[video]'" in printed.err
    assert "knows no motion" in printed.err
    assert len(list((here / "saliency" / "moving").glob("frame_*.png"))) == 6
    assert open_clip(here / "saliency" / "moving_overlay.webp").total == 6
    assert main(["areas", "moving.gif", "--grid=1x2", "--csv=a.csv", "--draw", weights]) == 0
    with (here / "a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["frame"] for row in rows] == [str(k // 2 + 1) for k in range(12)]
    assert sum(float(row["share"]) for row in rows) == pytest.approx(6, abs=1e-5)
    assert open_clip(here / "areas" / "moving_areas.webp").total == 6


def test_clips_and_photographs_together_broken_ones_told(weights, here, capsys):
    pytest.importorskip("av")
    Image.fromarray(random_frames(1)[0]).save(here / "photo.png")
    whole = write_lossless(here / "clip.mkv", random_frames(30), seconds(30))
    (here / "clip.mp4").write_bytes(b"no video")
    (here / "cut.mkv").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    names = ["clip.mkv", "clip.mp4", "cut.mkv", "photo.png"]
    assert main(["predict", *names, "--every=10", weights]) == 1
    printed = capsys.readouterr()
    assert printed.out.split() == [
        *("saliency/photo.npy", "saliency/clip_mkv_overlay.mp4", "saliency/cut_overlay.mp4")
    ]
    assert "samjax predict: clip.mp4: cannot be read as a video" in printed.err
    assert "samjax predict: cut.mkv: it is cut off" in printed.err
    assert "clip.mkv: 30 frames, of which 3 were predicted" in printed.err


def test_a_folder_of_frames_is_a_clip_if_asked_for(weights, here, capsys):
    pytest.importorskip("av")
    (here / "shots").mkdir()
    for k, pixels in enumerate(random_frames(6)):
        Image.fromarray(pixels).save(here / "shots" / f"{k}.png")
    assert main(["predict", "--frames", "shots", "--frame-rate=10", weights]) == 0
    assert capsys.readouterr().out.split() == ["saliency/shots_overlay.mp4"]
    times = [f.time for f in open_clip(here / "saliency" / "shots_overlay.mp4").read([])]
    assert times == pytest.approx(seconds(6, 10), abs=1e-4)
    # Maps alone need no moving picture.
    assert main(["predict", "--frames", "shots", "--format=npy", "--output=maps", weights]) == 0
    assert [path.name for path in (here / "maps").iterdir()] == ["shots"]


def test_ctrl_c_leaves_nothing_half_written(weights, here, monkeypatch, capsys):
    write_animation(here / "moving.gif", grey_frames(6))
    monkeypatch.setattr(ProgressBar, "done", lambda self: signal.raise_signal(signal.SIGINT))
    assert main(["predict", "moving.gif", weights]) == 130
    assert main(["areas", "moving.gif", "--grid=1x1", "--csv=a.csv", "--draw", weights]) == 130
    left = [path.name for path in here.rglob("*") if path.is_file()]
    assert left == ["moving.gif"]
    assert "interrupted" in capsys.readouterr().err


def test_in_a_folder_animations_are_photographs_and_videos_are_named(weights, here, capsys):
    (here / "p").mkdir()
    write_animation(here / "p" / "moving.png", random_frames(3))
    Image.fromarray(random_frames(3)[0]).save(here / "first.png")
    (here / "p" / "film.mp4").write_bytes(b"")
    assert main(["predict", "p", "first.png", weights]) == 0
    printed = capsys.readouterr()
    assert "animated, of which the first frame is taken: moving.png" in printed.err
    assert "left out videos, which have to be named themselves: film.mp4" in printed.err
    found, expected = (np.load(here / "saliency" / f"{n}.npy") for n in ("moving", "first"))
    np.testing.assert_array_equal(found, expected)
    (here / "p" / "moving.png").unlink()
    assert main(["predict", "p", weights]) == 1
    assert "have to be named themselves: film.mp4" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["predict", "a.gif", "--every=0"], "every=0"),
        (["predict", "a.gif", "--every=2", "--fps=5"], "give one of them"),
        (["predict", "a.gif", "--smooth=-1"], "smooth=-1"),
        (["predict", "a.gif", "--scanpath=5"], "--scanpath is not for videos"),
        (["predict", "a.gif", "--seed=0"], "--seed is not for videos"),
        (["predict", "a.gif", "--all-timesteps"], "--all-timesteps is not for videos"),
        (["predict", "a.gif", "--format=gif"], "--format=gif"),
        (["predict", "one.gif", "--fps=5"], "--fps=5 is for videos"),
        (["predict", "one.gif", "--frames"], "--frames takes folders"),
        (["areas", "a.gif", "--auto=2"], "--auto is not for videos"),
        (["areas", "a.gif", "--grid=2x2", "--json=a.json"], "--json is not for videos"),
        (["areas", "a.gif", "--grid=2x2", "--fixations=5"], "--fixations=5 is not for videos"),
        (["areas", "a.gif", "one.gif", "--grid=2x2"], "in two runs"),
    ],
)
def test_what_clips_do_not_have_is_told_before_the_model_is_loaded(here, capsys, arguments, part):
    write_animation(here / "a.gif", grey_frames(2))
    Image.fromarray(grey_frames(1)[0]).save(here / "one.gif")
    assert main([*arguments, "--weights=gone"]) == 1
    assert part in capsys.readouterr().err
