"""Which fixations begin by a time, and which durations must be known for that."""

from dataclasses import replace

import numpy as np
import pytest
from example_factory import make_example

from samjax.data.example import Example
from samjax.data.viewing_times import onset_times, viewed_by
from samjax.errors import UserError

# Two subjects, their rows mixed and out of order.
SUBJECT = np.int32([7, 2, 7, 2, 7])
ORDER = np.int32([1, 0, 0, 1, 2])
DURATION = np.float32([200, 100, 300, 50, 400])
BEGINS = [300, 0, 0, 100, 500]


def example(**fields) -> Example:
    points = [[4, 3], [10, 3], [4, 9], [10, 9], [15, 11]]
    columns = {"subject": SUBJECT, "duration_ms": DURATION, "order": ORDER}
    return make_example(b"", points, 16, 20, **columns | fields)


def test_a_fixation_begins_when_the_earlier_ones_of_its_trial_are_over():
    np.testing.assert_array_equal(onset_times(example()), BEGINS)


@pytest.mark.parametrize("duration", [0, 99, 100, 299, 300, 500, 1e6])
def test_the_fixations_that_begin_by_then_are_kept_with_their_columns(duration):
    whole, kept = example(density=b"all of them"), np.array(BEGINS) <= duration
    cut = viewed_by(whole, duration)
    for name in ("points", "subject", "duration_ms", "order"):
        np.testing.assert_array_equal(getattr(cut, name), getattr(whole, name)[kept])
    assert cut.density == b""
    assert len(whole.points) == 5


def test_after_an_unknown_duration_no_time_is_known():
    gap = np.array([200, 100, np.nan, 50, 400], np.float32)
    np.testing.assert_array_equal(
        onset_times(example(duration_ms=gap)), [np.nan, 0, 0, 100, np.nan]
    )
    assert len(viewed_by(example(duration_ms=gap), 1e6).points) == 3


@pytest.mark.parametrize("name", ["subject", "order", "duration_ms"])
def test_what_is_missing_is_named(name):
    with pytest.raises(UserError, match=name):
        onset_times(example(**{name: np.full(5, np.nan if name == "duration_ms" else -1)}))


def test_an_image_without_fixations_has_no_times():
    empty = replace(
        example(),
        points=np.zeros((0, 2), np.float32),
        **{name: np.zeros(0, np.float32) for name in ("subject", "duration_ms", "order")},
    )
    assert len(onset_times(empty)) == 0
