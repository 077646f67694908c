"""Moving pictures that are written: their times, their sizes, and that they appear whole or not."""

import numpy as np
import pytest

from samjax.errors import UserError
from samjax.video import open_clip
from samjax.video.writing import frame_writer

TIMES = [0, 0.04, 0.1, 0.5, 0.54]


def ramps(size):
    """Frames of slow colours that move, which codecs keep."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    image = np.stack([255 * columns / size[1], 255 * rows / size[0], 0 * rows + 90], axis=-1)
    return [np.roll(image, k, axis=1).astype(np.uint8) for k in range(len(TIMES))]


@pytest.mark.parametrize("ending", ["mp4", "webp"])
@pytest.mark.parametrize("size", [(64, 96), (63, 95)])
def test_what_is_written_is_read_again(tmp_path, ending, size):
    if ending == "mp4":
        pytest.importorskip("av")
    frames, path = ramps(size), tmp_path / "new" / f"a.{ending}"
    with frame_writer(path, 25) as writer:
        for pixels, time, duration in zip(frames, TIMES, [*np.diff(TIMES), 0.04], strict=True):
            writer.write(pixels, time, duration)
    clip = open_clip(path)
    problems = []
    found = list(clip.read(problems))
    assert not problems
    assert [frame.time for frame in found] == pytest.approx(TIMES, abs=1e-6)
    height, width = size
    # H.264 has even sides: an odd one has a pixel more, and nothing is cut.
    odd = 1 if ending == "mp4" else 0
    assert clip.size == (height + odd * (height % 2), width + odd * (width % 2))
    for frame, pixels in zip(found, frames, strict=True):
        # Of the slow colours, away from where they jump; a wrong matrix of colours is off by 10.
        error = np.abs(frame.pixels[:height, :width].astype(float) - pixels)[:, 16:-16]
        assert np.median(error) < 4


@pytest.mark.parametrize("ending", ["mp4", "webp"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupted_file_leaves_nothing(tmp_path, ending, error):
    if ending == "mp4":
        pytest.importorskip("av")
    path = tmp_path / f"a.{ending}"
    path.write_text("of an earlier run")
    with pytest.raises(error):
        interrupted(path, error)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "of an earlier run"


def test_what_the_encoder_does_not_take_is_told(tmp_path):
    pytest.importorskip("av")
    with (
        pytest.raises(UserError, match="17000 x 2 pixels cannot be written"),
        frame_writer(tmp_path / "a.mp4", 1e-9) as writer,
    ):
        writer.write(np.zeros((2, 17000, 3), np.uint8), 0, 0.04)
    assert not list(tmp_path.iterdir())


def interrupted(path, error):
    with frame_writer(path, 25) as writer:
        writer.write(ramps((16, 16))[0], 0, 0.04)
        raise error
