"""Fixations that cannot be what they are taken for are asked about; all others are not."""

import numpy as np
import pytest

from samjax.data.raw.plausibility import GazeStatistics, measure, question
from samjax.data.raw.points import Points, make_points
from samjax.data.raw.units import UNSTATED, Units

HEIGHT, WIDTH = 60, 80


def looks(count: int = 15, images: int = 5, scale=(WIDTH, HEIGHT), begin=(0.0, 0.0)) -> list:
    """Return points of several images, spread over a part of each."""
    rng = np.random.default_rng(0)
    return [
        make_points(
            begin + rng.uniform(0, 1, (count, 2)) * scale - 0.5,
            subject=np.arange(count),
            duration_ms=rng.uniform(150, 400, count),
            order=np.arange(count),
        )
        for _ in range(images)
    ]


def asked(images: list[Points], units: Units = UNSTATED, skip: bool = False) -> str:
    total = GazeStatistics()
    for points in images:
        total.include(measure(points, HEIGHT, WIDTH))
    return question(total, units, skip=skip)


ODD = {
    "fractions": ([p._replace(xy=(p.xy + 0.5) / (WIDTH, HEIGHT)) for p in looks()], "fractions"),
    "seconds": ([p._replace(duration_ms=p.duration_ms / 1000) for p in looks()], "seconds"),
    "microseconds": ([p._replace(duration_ms=p.duration_ms * 1000) for p in looks()], "micro"),
    "exchanged axes": ([p._replace(xy=p.xy[:, ::-1]) for p in looks()], "exchanged"),
    "on the screen": (looks(scale=(1920, 1080)), "on the screen"),
    "in a corner": (looks(scale=(0.2 * WIDTH, 0.2 * HEIGHT)), "0% to 20% of the width"),
    "in one place": (looks(scale=(0, 0), begin=(40.0, 30.0)), "of the width"),
    "twice": ([Points(*(np.concatenate([c, c]) for c in p)) for p in looks()], "there twice"),
}
ANSWERS = {"seconds": "ms", "microseconds": "ms", "twice": "pixels", "on the screen": "pixels"}


@pytest.mark.parametrize("kind", ODD)
def test_each_kind_is_asked_about_until_it_is_answered(kind):
    images, says = ODD[kind]
    assert says in asked(images)
    assert not asked(images, Units.parse(ANSWERS.get(kind, "pixels")))


@pytest.mark.parametrize("kind", ["fractions", "seconds", "exchanged axes"])
def test_what_would_be_meaningless_is_not_skipped(kind):
    assert asked(ODD[kind][0], skip=True)


@pytest.mark.parametrize("kind", ["on the screen", "in a corner", "twice"])
def test_what_may_be_left_out_is(kind):
    assert not asked(ODD[kind][0], skip=True)


def test_nothing_is_asked_about_what_can_be():
    assert not asked(looks())
    assert not asked([make_points(())])
    assert not asked([make_points([[0, 0]]), make_points([[1, 1]])])  # whole pixels
    assert not asked([make_points([[3.5, 4]] * 3)])
    # A cluster beside the centre, on few images or on many.
    assert not asked(looks(scale=(0.3 * WIDTH, 0.3 * HEIGHT), begin=(5.0, 5.0)))
    # Some gaze beside the images, as every tracker has.
    some = looks()
    some[0].xy[0] = [-4, 70]
    assert not asked(some)


def test_statistics_are_those_of_all_images_in_any_order():
    parts = [measure(points, HEIGHT, WIDTH) for points in looks()]
    forward, backward = GazeStatistics(), GazeStatistics()
    for part in parts:
        forward.include(part)
    for part in reversed(parts):
        backward.include(part)
    assert forward == backward
    assert (forward.images, forward.fixations, forward.durations) == (5, 75, 75)
    assert GazeStatistics(**forward.as_json()) == forward
