"""Which frames are predicted, and which values of options mean nothing."""

import pytest

from samjax.errors import UserError
from samjax.video.options import Chooser, VideoOptions, check_options


def chosen(times, **options):
    chooser = Chooser(VideoOptions(**options))
    return [number for number, time in enumerate(times, 1) if chooser.takes(number, time)]


def test_every_nth_frame():
    assert chosen([0] * 7, every=3) == [1, 4, 7]
    assert chosen([0] * 3) == [1, 2, 3]


def test_so_many_frames_of_a_second():
    times = [k / 25 for k in range(50)]
    assert chosen(times, fps=5.0) == [1, 6, 11, 16, 21, 26, 31, 36, 41, 46]
    assert len(chosen(times, fps=10.0)) == 20
    assert chosen(times, fps=100.0) == list(range(1, 51))
    # Of a second without frames nothing is made up for.
    assert chosen([0, 0.1, 5, 5.1, 5.9, 6.1], fps=1.0) == [1, 3, 6]
    # Times that are rounded to milliseconds.
    assert chosen([0.0, 0.033, 0.067, 0.1, 0.133, 0.167], fps=30.0) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"every": 0}, "every=0"),
        ({"fps": 0.0}, "fps=0"),
        ({"fps": float("nan")}, "fps=nan"),
        ({"fps": 2.0, "every": 2}, "give one of them"),
        ({"smooth": -1.0}, "smooth=-1"),
        ({"smooth": float("inf")}, "smooth=inf"),
        ({"frame_rate": -5.0}, "frame_rate=-5"),
    ],
)
def test_impossible_options(options, part):
    with pytest.raises(UserError, match=part):
        check_options(VideoOptions(**options))
