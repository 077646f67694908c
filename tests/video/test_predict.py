"""Clips that are predicted: the same maps as of photographs, in bounded memory, written whole."""

import signal
import threading
import weakref

import numpy as np
import pytest
from clips import SIZE, grey_frames, random_frames, seconds, write_animation, write_lossless
from PIL import Image
from tiny_model import tiny_model

from samjax.errors import UserError
from samjax.prediction.predict import predict_paths
from samjax.video import VideoOptions, open_clip, predict_video
from samjax.video.frame import Clip, Frame
from samjax.video.mapped import MAX_HELD_FRAMES, WAITING, mapped_frames
from samjax.video.options import SMOOTH
from samjax.video.smoothing import Smoother

COUNT = 6
UNSMOOTHED = VideoOptions(smooth=0.0)


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.fixture
def clip(tmp_path):
    return write_animation(tmp_path / "clip.png", random_frames(COUNT))


@pytest.fixture
def maps_of_photographs(model, tmp_path):
    for k, pixels in enumerate(random_frames(COUNT)):
        (tmp_path / "photos").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{k}.png")
    predict_paths(model, [tmp_path / "photos"], tmp_path / "alone", batch_size=COUNT)
    return [np.load(tmp_path / "alone" / f"{k}.npy") for k in range(COUNT)]


def maps_in(folder):
    return {int(p.stem.removeprefix("frame_")): np.load(p) for p in folder.glob("frame_*.npy")}


def test_maps_are_those_of_the_frames_as_photographs(model, clip, maps_of_photographs, tmp_path):
    result = predict_video(
        model, clip, tmp_path / "out", options=UNSMOOTHED, formats=["npy"], overlay=False
    )
    assert (result.frames, result.predicted, result.problems) == (COUNT, COUNT, [])
    assert result.written == [tmp_path / "out" / "clip"]
    found = maps_in(tmp_path / "out" / "clip")
    assert sorted(found) == list(range(1, COUNT + 1))
    for k, expected in enumerate(maps_of_photographs):
        np.testing.assert_array_equal(found[k + 1], expected)
    times = (tmp_path / "out" / "clip" / "times.csv").read_text().split()
    assert times[:3] == ["frame,time_s", "1,0.000000", "2,0.040000"]


def test_between_the_predicted_frames_the_last_map_holds(model, clip, maps_of_photographs):
    opened = open_clip(clip)
    options = UNSMOOTHED._replace(every=4, batch_size=COUNT)
    found = list(mapped_frames(model, opened, options, [], density=True))
    assert [mapped.is_predicted for mapped in found] == [True, False, False, False, True, False]
    for mapped, k in zip(found, [0, 0, 0, 0, 4, 4], strict=True):
        # Batches of another size round otherwise, relative to the map's largest value.
        atol = 1e-5 * maps_of_photographs[k].max()
        np.testing.assert_allclose(mapped.saliency, maps_of_photographs[k], rtol=0, atol=atol)


def test_the_default_smooths(model, clip, maps_of_photographs):
    smoother = Smoother(SMOOTH)
    found = mapped_frames(model, open_clip(clip), VideoOptions(), [], density=True)
    for mapped, alone in zip(found, maps_of_photographs, strict=True):
        expected = smoother.at(mapped.frame.time, alone)
        np.testing.assert_allclose(mapped.saliency, expected, rtol=0, atol=1e-5 * alone.max())


@pytest.mark.parametrize(("every", "keeps_pixels"), [(1, True), (5, True), (5, False)])
def test_the_frames_in_memory_do_not_grow_with_the_length(model, every, keeps_pixels):
    def most_alive(length):
        alive, most = set(), 0

        def read(problems):
            nonlocal most
            for k in range(length):
                pixels = np.full((*SIZE, 3), k % 256, np.uint8)
                alive.add(k)
                weakref.finalize(pixels, alive.discard, k)
                most = max(most, len(alive))
                yield Frame(k + 1, k / 25, 0.04, pixels)
                del pixels

        clip = Clip("none", SIZE, 25.0, None, read)
        options = VideoOptions(every=every, batch_size=COUNT)
        frames = mapped_frames(model, clip, options, [], density=True, keeps_pixels=keeps_pixels)
        assert sum(1 for _ in frames) == length
        return most

    # A batch, those that wait on both sides of it, and one in each of three hands.
    bound = min(MAX_HELD_FRAMES, COUNT * every) + 2 * WAITING + 6
    assert most_alive(150) <= (bound if keeps_pixels else WAITING + 6)


def test_overlay_and_heat_map_of_a_video(model, tmp_path):
    pytest.importorskip("av")
    frames = random_frames(COUNT, (25, 33))
    times = [0, 0.04, 0.08, 0.3, 0.34, 0.38]
    path = write_lossless(tmp_path / "clip.mkv", frames, times)
    result = predict_video(model, path, tmp_path / "out", heatmap=True)
    names = ["clip_overlay.mp4", "clip_heatmap.mp4"]
    assert [p.name for p in result.written] == names
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == sorted(names)
    for written in result.written:
        clip = open_clip(written)
        assert clip.size == (26, 34)
        assert [frame.time for frame in clip.read([])] == pytest.approx(times, abs=1e-4)


def test_what_can_be_read_of_a_truncated_video_is_written(model, tmp_path):
    pytest.importorskip("av")
    path = write_lossless(tmp_path / "clip.mkv", random_frames(40), seconds(40))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    options = VideoOptions(every=10)
    result = predict_video(model, path, tmp_path / "out", options=options)
    assert 10 < result.frames < 30
    assert "cut off" in result.problems[0]
    assert len(list(open_clip(result.written[0]).read([]))) == result.frames


def test_an_interruption_leaves_no_file_and_no_thread(model, clip, tmp_path):
    before = threading.active_count()
    frames = 0

    def interrupt():
        nonlocal frames
        frames += 1
        if frames == 3:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        predict_video(model, clip, tmp_path / "out", heatmap=True, on_frame=interrupt)
    assert list((tmp_path / "out").iterdir()) == []
    assert threading.active_count() == before


def test_results_are_not_written_onto_what_is_read(model, tmp_path):
    (tmp_path / "shots").mkdir()
    Image.fromarray(random_frames(1)[0]).save(tmp_path / "shots" / "1.png")
    with pytest.raises(UserError, match="read and written at once"):
        predict_video(model, tmp_path / "shots", tmp_path, formats=["npy"], overlay=False)
    clip = write_animation(tmp_path / "a_overlay.webp", grey_frames(2))
    with pytest.raises(UserError, match="read and written at once"):
        predict_video(model, clip, tmp_path, name="a")
