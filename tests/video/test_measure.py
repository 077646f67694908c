"""Areas over a clip: shares are direct sums of the maps of its frames."""

import csv
import io

import numpy as np
import pytest
from clips import SIZE, random_frames, write_animation
from tiny_model import tiny_model

from samjax.analysis.area import Area, box, grid
from samjax.video import VideoOptions, measure_video, open_clip
from samjax.video.area_course import COLUMNS, Course, CourseFile
from samjax.video.mapped import mapped_frames
from samjax.video.measure import draw_frame

LASTING = [40, 200, 40, 120]


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.fixture
def clip(tmp_path):
    return write_animation(tmp_path / "clip.png", random_frames(len(LASTING)), LASTING)


def test_shares_are_direct_sums(model, clip):
    areas = [*grid(2, 2), Area("box", box(3, 5, 10, 7))]
    maps = mapped_frames(model, open_clip(clip), VideoOptions(), [], density=True)
    measured = measure_video(model, clip, areas)
    top, left = SIZE[0] // 2, SIZE[1] // 2
    parts = [
        *((slice(0, top), slice(0, left)), (slice(0, top), slice(left, None))),
        *((slice(top, None), slice(0, left)), (slice(top, None), slice(left, None))),
        (slice(5, 12), slice(3, 13)),
    ]
    for found, mapped in zip(measured.frames, maps, strict=True):
        density = mapped.saliency.astype(np.float64)
        expected = [density[part].sum() / density.sum() for part in parts]
        assert [a.share for a in found.attention] == pytest.approx(expected, abs=1e-6)
        assert sum(a.share for a in found.attention[:4]) == pytest.approx(1, abs=1e-6)
    assert any("overlap" in note for note in measured.notes)


def test_the_csv_has_a_row_for_each_area_of_each_frame(model, clip):
    measured = measure_video(model, clip, [*grid(1, 2), Area("none", box(90, 90, 5, 5))])
    text, course = io.StringIO(), Course(clip, [area.name for area, _ in measured.areas])
    file = CourseFile(text)
    shares = []
    for found in measured.frames:
        file.write(measured, found)
        course.add(found)
        shares.append([attention.share for attention in found.attention])
    rows = list(csv.DictReader(io.StringIO(text.getvalue())))
    assert tuple(rows[0]) == COLUMNS
    assert [row["area"] for row in rows] == ["r1c1", "r1c2", "none"] * len(LASTING)
    assert [float(row["time_s"]) for row in rows[::3]] == pytest.approx([0, 0.04, 0.24, 0.28])
    assert [float(r["share"]) for r in rows] == pytest.approx(np.ravel(shares))
    assert rows[2]["times_chance"] == ""
    # A frame counts by how long it is shown.
    expected = np.average(shares, axis=0, weights=LASTING)
    assert course.means() == pytest.approx(expected)
    most = int(np.argmax(np.array(shares)[:, 0]))
    assert f"{[0, 0.04, 0.24, 0.28][most]:.2f} s" in course.table()


def test_outlines_are_drawn_on_the_frames(model, clip):
    measured = measure_video(model, clip, grid(1, 2), keeps_pixels=True)
    for found, pixels in zip(measured.frames, random_frames(len(LASTING)), strict=True):
        drawn = draw_frame(measured, found)
        assert drawn.shape == pixels.shape
        assert (drawn != pixels).any()
