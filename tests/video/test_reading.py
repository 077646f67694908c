"""Frames and times are read as they were written, of videos, animations and folders."""

import struct

import numpy as np
import pytest
from clips import grey_frames, random_frames, seconds, write_animation, write_lossless
from PIL import Image

from samjax.data.orientation import turned
from samjax.errors import UserError
from samjax.video import VideoOptions, open_clip
from samjax.video.display import ORIENTATIONS
from samjax.video.writing import frame_writer

UNEVEN = [0, 0.04, 0.08, 0.2, 0.21, 0.5, 1.5]


def read(path, **options):
    problems = []
    clip = open_clip(path, VideoOptions(**options))
    return clip, list(clip.read(problems)), problems


def check_pixels(found, frames):
    assert [frame.number for frame in found] == list(range(1, len(frames) + 1))
    for frame, pixels in zip(found, frames, strict=True):
        np.testing.assert_array_equal(frame.pixels, pixels)


@pytest.mark.parametrize("size", [(24, 32), (17, 23)])
def test_a_video_of_variable_rate(tmp_path, size):
    pytest.importorskip("av")
    frames = random_frames(len(UNEVEN), size)
    clip, found, problems = read(write_lossless(tmp_path / "a.mkv", frames, UNEVEN))
    assert clip.size == size
    assert not problems
    check_pixels(found, frames)
    assert [frame.time for frame in found] == pytest.approx(UNEVEN, abs=1e-9)
    # Each is shown until the next one.
    assert [f.duration for f in found[:-1]] == pytest.approx(np.diff(UNEVEN), abs=1e-9)


@pytest.mark.parametrize("ending", ["gif", "png", "webp"])
def test_an_animation_of_variable_rate(tmp_path, ending):
    frames, lasting = grey_frames(5), [40, 100, 20, 500, 60]
    clip, found, problems = read(write_animation(tmp_path / f"a.{ending}", frames, lasting))
    assert (clip.total, clip.is_animation, problems) == (5, True, [])
    check_pixels(found, frames)
    times = np.cumsum([0, *lasting[:-1]]) / 1000
    assert [frame.time for frame in found] == pytest.approx(times)
    assert [frame.duration for frame in found] == pytest.approx(np.array(lasting) / 1000)


def test_a_folder_is_read_by_the_numbers_in_its_names(tmp_path):
    frames = random_frames(12)
    for k, pixels in enumerate(frames):
        Image.fromarray(pixels).save(tmp_path / f"f{k}.png")
    (tmp_path / "notes.txt").write_text("no frame")
    clip, found, problems = read(tmp_path, frame_rate=10.0)
    assert (clip.total, problems) == (12, [])
    check_pixels(found, frames)
    assert [frame.time for frame in found] == pytest.approx(seconds(12, 10))


def test_frames_of_a_folder_that_cannot_be_read_are_told_and_time_goes_on(tmp_path):
    for k, pixels in enumerate(random_frames(4)):
        Image.fromarray(pixels).save(tmp_path / f"{k}.png")
    (tmp_path / "1.png").write_bytes(b"no picture")
    Image.new("RGB", (5, 5)).save(tmp_path / "2.png")
    _, found, problems = read(tmp_path, frame_rate=10.0)
    assert [frame.time for frame in found] == pytest.approx([0, 0.3])
    assert "1.png" in problems[0]
    assert "2.png: is 5 x 5, but the first frame is 32 x 24" in problems[1]


def test_a_rotated_video_is_turned(tmp_path):
    """The matrix in the header of the track says how; the pixels are the same in all files."""
    pytest.importorskip("av")
    path = tmp_path / "a.mp4"
    with frame_writer(path, 25) as writer:
        writer.write(np.kron(random_frames(1, (3, 4))[0], np.ones((8, 8, 1), np.uint8)), 0, 0.04)
    data, upright = path.read_bytes(), read(path)[1][0].pixels
    place = data.find(matrix(1, 0, 0, 1), data.find(b"tkhd"))
    for parts, orientation in ORIENTATIONS.items():
        path.write_bytes(data[:place] + matrix(*parts) + data[place + 36 :])
        clip, (frame,), _ = read(path)
        np.testing.assert_array_equal(frame.pixels, turned(upright, orientation))
        assert clip.size == frame.pixels.shape[:2]
        np.testing.assert_array_equal(read(path, upright=False)[1][0].pixels, upright)
    # A phone that is held upright: what is stored on the left is shown above.
    assert ORIENTATIONS[0, 1, -1, 0] == 6


def matrix(a, b, c, d):
    one = 65536
    return struct.pack(">9i", a * one, b * one, 0, c * one, d * one, 0, 0, 0, 2**30)


@pytest.mark.parametrize("ending", ["mkv", "gif", "png"])
def test_of_a_truncated_file_the_beginning_is_read(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    frames = grey_frames(40)
    if ending == "mkv":
        pytest.importorskip("av")
        write_lossless(path, frames, seconds(40))
    else:
        write_animation(path, frames)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    _, found, (problem,) = read(path)
    assert "cut off" in problem
    assert 10 < len(found) < 30
    check_pixels(found, frames[: len(found)])


def test_what_is_no_clip_is_told_in_one_line(tmp_path):
    pytest.importorskip("av")
    (tmp_path / "a.mp4").write_bytes(b"no video at all")
    (tmp_path / "b.png").write_bytes(b"no picture")
    (tmp_path / "empty").mkdir()
    for name, reason in (
        ("a.mp4", "cannot be read as a video"),
        ("b.png", "no video and no animated picture"),
        ("empty", "holds no frame"),
        ("gone.mp4", "does not exist"),
    ):
        with pytest.raises(UserError, match=reason) as error:
            open_clip(tmp_path / name)
        assert name in str(error.value)


def test_too_many_pixels_are_refused(tmp_path):
    pytest.importorskip("av")
    path = write_lossless(tmp_path / "a.mkv", random_frames(1), [0])
    with pytest.raises(UserError, match="--max-pixels=768"):
        open_clip(path, VideoOptions(max_pixels=767))
    write_animation(tmp_path / "a.gif", grey_frames(2))
    with pytest.raises(UserError, match="--max-pixels=768"):
        open_clip(tmp_path / "a.gif", VideoOptions(max_pixels=767))


def test_a_name_that_looks_like_an_address_is_a_file(tmp_path):
    pytest.importorskip("av")
    path = write_lossless(tmp_path / "a.mkv", random_frames(2), seconds(2))
    path = path.rename(tmp_path / "http:%2d,b|c.mkv")
    assert len(read(path)[1]) == 2


def test_a_playlist_that_is_called_a_video_opens_nothing_else(tmp_path):
    pytest.importorskip("av")
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:1", "#EXTINF:1,", "http://127.0.0.1:9/a.ts"]
    (tmp_path / "a.mp4").write_text("\n".join(lines))
    with pytest.raises(UserError, match="cannot be read as a video"):
        open_clip(tmp_path / "a.mp4")
