"""Which fixations had begun, and the targets that this gives each timestep."""

from dataclasses import replace

import numpy as np
import pytest

from samjax.data.decoding import Decoded
from samjax.data.example import Example
from samjax.data.geometry import letterbox
from samjax.data.rendering import Render
from samjax.data.viewing_times import onset_times, viewed_by
from samjax.errors import UserError

# Two subjects, their rows mixed and out of order.
SUBJECT = np.int32([7, 2, 7, 2, 7])
ORDER = np.int32([1, 0, 0, 1, 2])
DURATION = np.float32([200, 100, 300, 50, 400])
BEGINS = [300, 0, 0, 100, 500]


def example(**fields) -> Example:
    points = np.float32([[4, 3], [10, 3], [4, 9], [10, 9], [15, 11]])
    given = {"subject": SUBJECT, "duration_ms": DURATION, "order": ORDER, "sigma_px": 1.0}
    return Example(b"", "x", 16, 20, points, **given | fields)


def test_a_fixation_begins_when_the_earlier_ones_of_its_trial_are_over():
    np.testing.assert_array_equal(onset_times(example()), BEGINS)


@pytest.mark.parametrize("duration", [0, 99, 100, 299, 300, 500, 1e6])
def test_the_fixations_begun_by_then_are_kept_with_their_columns(duration):
    whole, kept = example(density=b"all of them"), np.array(BEGINS) <= duration
    cut = viewed_by(whole, duration)
    for name in ("points", "subject", "duration_ms", "order"):
        np.testing.assert_array_equal(getattr(cut, name), getattr(whole, name)[kept])
    assert cut.density == b""
    assert len(whole.points) == 5


def test_after_an_unknown_duration_no_begin_is_known():
    gap = np.array([200, 100, np.nan, 50, 400], np.float32)
    np.testing.assert_array_equal(
        onset_times(example(duration_ms=gap)), [np.nan, 0, 0, 100, np.nan]
    )
    assert len(viewed_by(example(duration_ms=gap), 1e6).points) == 3


@pytest.mark.parametrize("name", ["subject", "order", "duration_ms"])
def test_what_is_missing_is_named(name):
    with pytest.raises(UserError, match=name):
        onset_times(example(**{name: np.full(5, np.nan if name == "duration_ms" else -1)}))


def test_an_image_without_fixations_has_none_begun():
    empty = replace(
        example(),
        points=np.zeros((0, 2), np.float32),
        **{name: np.zeros(0, np.float32) for name in ("subject", "duration_ms", "order")},
    )
    assert len(onset_times(empty)) == 0


def test_each_timesteps_target_counts_what_had_begun():
    durations = (50.0, 150.0, 450.0, 9000.0)
    decoded = Decoded(0, example(), np.zeros((16, 20, 3), np.uint8))
    element = Render((16, 20), (16, 20), durations)(decoded, letterbox(16, 20, 16, 20))
    counts, density = element["timestep_counts"], element["timestep_density"]
    assert counts.shape == density.shape == (4, 16, 20)
    assert [int(c.sum()) for c in counts] == [2, 3, 4, 5]
    assert [np.flatnonzero(c[3]).tolist() for c in counts[:3]] == [[10], [10], [4, 10]]
    np.testing.assert_array_equal(counts[-1], element["counts"])
    np.testing.assert_array_equal(density[-1], element["density"])


def test_a_blank_element_has_the_same_arrays():
    render = Render((16, 20), (4, 5), (1.0, 2.0))
    full = render.letterboxed(Decoded(0, example(), np.zeros((16, 20, 3), np.uint8)))
    blank = render.letterboxed(Decoded(-1, None, None))
    assert {k: (np.shape(v), np.asarray(v).dtype) for k, v in blank.items()} == {
        k: (np.shape(v), np.asarray(v).dtype) for k, v in full.items()
    }
