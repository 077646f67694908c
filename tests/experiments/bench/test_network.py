"""Contenders that fail or disagree are lines of the table, where the plan keeps going."""

import time

import numpy as np
import pytest

from experiments.bench import contenders, network
from experiments.bench.plan import make_gpu_plan
from samjax.errors import UserError

PLAN = make_gpu_plan(quick=True, until=float("inf"))


@pytest.fixture
def programs(monkeypatch):
    """Three contenders: ours, one without a compiler, and another network."""
    maps = {"samjax": np.ones((2, 2)), "pytorch eager": np.full((2, 2), 1.5)}

    def make_program(name, kind, case, variables):
        if name == "pytorch compile":
            raise RuntimeError("no C compiler")
        return lambda: {"saliency": maps[name]}

    monkeypatch.setattr(contenders, "names", lambda: [*maps, "pytorch compile"])
    monkeypatch.setattr(contenders, "make_program", make_program)
    monkeypatch.setattr(network, "random_variables", lambda case: {})


def test_what_fails_and_what_disagrees_is_told_and_the_rest_is_timed(programs):
    cells = dict(network.measure(PLAN))
    assert list(cells) == ["train_step, batch 2", "predict, batch 2", "predict, batch 1"]
    cell = cells["predict, batch 1"]
    assert cell["failures"] == {"pytorch compile": "RuntimeError: no C compiler"}
    assert "differs from samjax by 0.5 in saliency" in cell["disagreements"]["pytorch eager"]
    assert set(cell["contenders"]) == {"samjax", "pytorch eager"}


def test_the_slow_compiler_costs_nothing_that_was_measured_before(programs):
    cells = list(network.measure(PLAN))
    assert [name for name, _ in cells[:3]] == [name for name, _ in cells[3:]]
    for _, cell in cells[:3]:
        assert cell["failures"] == {}
        assert set(cell["ratios"]) == {"pytorch eager"}


def test_a_compiler_that_comes_too_late_is_a_line_and_the_times_stay(programs):
    late = network._measure_task("predict", PLAN.case, {}, PLAN._replace(until=time.time() - 1))
    before, after = late
    assert after["contenders"] == before["contenders"]
    assert after["failures"] == {"pytorch compile": "left out, the time was over"}


def test_networks_that_differ_end_a_plan_that_does_not_keep_going(programs, monkeypatch):
    monkeypatch.setattr(contenders, "names", lambda: ["samjax", "pytorch eager"])
    with pytest.raises(UserError, match="they are not the same network; nothing is compared"):
        dict(network.measure(PLAN._replace(keeps_going=False)))
