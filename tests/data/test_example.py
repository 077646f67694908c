"""An example is stored as a record, and a dataset's facts as its metadata."""

import numpy as np
import pytest
from example_factory import make_example

from samjax.data.builders.known_facts import KNOWN_FACTS
from samjax.data.example import PER_FIXATION, Example, Facts, Sigma, features


def test_a_record_has_the_stored_names_and_comes_back():
    example = make_example(b"png", [[1, 2], [3, 4]], 30, 40, sigma_px=7.0)
    record = example.record()
    assert set(record) == set(features())
    assert record["fixations"] is example.points
    again = Example.from_record(record, 7.0)
    for name, value in vars(example).items():
        np.testing.assert_array_equal(getattr(again, name), value)


def test_chosen_fixations_keep_their_columns():
    columns = {"subject": np.arange(3), "duration_ms": np.arange(3), "order": np.arange(3)}
    example = make_example(b"", [[n, n] for n in range(3)], 9, 9, **columns)
    part = example.select(np.array([True, False, True]))
    for name in PER_FIXATION:
        np.testing.assert_array_equal(getattr(part, name), getattr(example, name)[[0, 2]])
    assert len(example.points) == 3


def test_sigma_of_known_datasets():
    assert KNOWN_FACTS["osie"].sigma.of(600, 800) == 24
    assert KNOWN_FACTS["eyecrowd"].sigma.of(768, 1024) == 26
    assert KNOWN_FACTS["scene"].sigma.of(256, 256) == pytest.approx(8)
    assert KNOWN_FACTS["scene"].sigma.of(100, 3840) == pytest.approx(67.5)
    assert Sigma(fraction=0.03).of(600, 800) == pytest.approx(24)


@pytest.mark.parametrize("fields", [{}, {"pixels": 3.0, "fraction": 0.1}])
def test_sigma_is_given_once(fields):
    with pytest.raises(ValueError, match="exactly one"):
        Sigma(**fields)


def test_facts_survive_their_metadata():
    for facts in KNOWN_FACTS.values():
        assert Facts.from_metadata(dict(facts.metadata())) == facts
