"""Contenders that fail or disagree are lines of the table, where the plan keeps going."""

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
    first, *_ = network.measure(PLAN)
    assert first[0] == "train_step, batch 2"
    assert first[1]["failures"] == {}
    assert set(first[1]["ratios"]) == {"pytorch eager"}


def test_networks_that_differ_end_a_plan_that_does_not_keep_going(programs, monkeypatch):
    monkeypatch.setattr(contenders, "names", lambda: ["samjax", "pytorch eager"])
    with pytest.raises(UserError, match="they are not the same network; nothing is compared"):
        dict(network.measure(PLAN._replace(keeps_going=False)))
