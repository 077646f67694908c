"""Areas that overlap, leave the picture or have no size are named; others are not."""

import pytest

from samjax.analysis.area import Area, box, ellipse, grid, polygon
from samjax.analysis.area_problems import problems
from samjax.analysis.attention import cover_areas


def named(*shapes, size=(30, 40)):
    areas = [Area(name, shape) for name, shape in zip("abcd", shapes, strict=False)]
    return problems(cover_areas(areas, *size), *size)


@pytest.mark.parametrize("size", [(1, 1), (3, 4), (30, 40), (601, 450)])
def test_a_grid_has_none(size):
    for cells in ((3, 3), (7, 5)):
        assert problems(cover_areas(grid(*cells), *size), *size) == []


def test_neighbours_that_share_a_slanting_edge_do_not_overlap():
    left = polygon([[[0, 0], [20, 0], [13, 30], [0, 30]]])
    right = polygon([[[20, 0], [40, 0], [40, 30], [13, 30]]])
    assert named(left, right) == []


def test_each_is_named():
    (outside,) = named(box(-10, 0, 20, 5))
    assert "'a' leaves the picture; 50 %" in outside
    (away,) = named(box(50, 0, 20, 5))
    assert "'a' lies outside" in away
    (empty,) = named(box(3, 3, 0, 5))
    assert "'a' has no size" in empty
    (overlap,) = named(box(0, 0, 10, 10), ellipse(30, 20, 5, 5), box(5, 5, 10, 10))
    assert "'a' and 'c' overlap in 25 %" in overlap


def test_overlap_within_a_pixel_is_seen():
    assert len(named(box(1.2, 1.2, 0.3, 0.3), box(1.4, 1.2, 0.3, 0.3), size=(3, 4))) == 1
