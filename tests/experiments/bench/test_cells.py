"""Cells are handed over one by one; what is left out or fails is one, too."""

import time

import pytest

from experiments.bench.cells import UNDER_WAY, is_complete, run_cells, stated
from experiments.bench.plan import make_gpu_plan

PLAN = make_gpu_plan(quick=True, until=float("inf"))


def fail():
    raise ValueError("no such\nalgorithm")


def test_a_failure_is_a_cell_and_the_rest_is_measured():
    found = dict(run_cells({"a": fail, "b": lambda: {"x": 1}}, PLAN))
    assert stated(found["a"]) == "failed: ValueError: no such algorithm"
    assert found["b"] == {"x": 1}
    assert stated(found["b"]) == ""


def test_a_failure_ends_a_plan_that_does_not_keep_going():
    with pytest.raises(ValueError, match="no such"):
        dict(run_cells({"a": fail}, PLAN._replace(keeps_going=False)))


def test_versions_of_a_cell_come_one_after_the_other_and_the_last_survives_a_failure():
    def versions():
        yield {"x": 1}
        yield {"x": 1, "y": 2}

    assert list(run_cells({"a": versions}, PLAN)) == [("a", {"x": 1}), ("a", {"x": 1, "y": 2})]


def test_a_failure_takes_nothing_that_was_measured_and_has_place_for_it():
    def breaks():
        yield {"x": 1, "failures": {"a": "no compiler"}, UNDER_WAY: True}
        raise MemoryError("out of it")

    *_, (_, cell) = run_cells({"a": breaks}, PLAN)
    assert cell["x"] == 1
    assert cell["failures"] == {"a": "no compiler", "what followed": "MemoryError: out of it"}
    assert is_complete(cell)


def test_what_an_earlier_run_has_is_not_measured_again():
    kept = PLAN._replace(kept={"a": {"x": 1}}, keeps_going=False)
    assert dict(run_cells({"a": fail, "b": lambda: {"x": 2}}, kept)) == {
        "a": {"x": 1},
        "b": {"x": 2},
    }
    assert not is_complete({"x": 1, UNDER_WAY: True})


def test_nothing_is_begun_when_the_time_is_over():
    over = PLAN._replace(until=time.time() - 1)
    assert stated(dict(run_cells({"a": fail}, over))["a"]) == "left out: the time was over"
