"""Cells are handed over one by one; what is left out or fails is one, too."""

import time

import pytest

from experiments.bench.cells import run_cells, stated
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


def test_nothing_is_begun_when_the_time_is_over():
    over = PLAN._replace(until=time.time() - 1)
    assert stated(dict(run_cells({"a": fail}, over))["a"]) == "left out: the time was over"
