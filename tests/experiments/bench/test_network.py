"""A cell grows with every call; contenders that fail or disagree are lines of the table."""

import time

import numpy as np
import pytest

from experiments.bench import contenders, network
from experiments.bench.cells import UNDER_WAY, is_complete
from experiments.bench.plan import make_gpu_plan
from samjax.errors import UserError

PLAN = make_gpu_plan(quick=True, until=float("inf"))
NAMES = ["train_step, batch 2", "predict, batch 2", "predict, batch 1"]


@pytest.fixture
def programs(monkeypatch):
    """Three contenders: ours, one without a compiler, and another network."""
    maps = {"samjax": np.ones((2, 2)), "pytorch eager": np.full((2, 2), 1.5)}

    def make_program(name, kind, case, variables, folder):
        if name == "pytorch compile":
            raise RuntimeError("no C compiler")
        return lambda: {"saliency": maps[name]}

    monkeypatch.setattr(contenders, "names", lambda *_: [*maps, "pytorch compile"])
    monkeypatch.setattr(contenders, "make_program", make_program)
    monkeypatch.setattr(network, "variables_of", lambda case: {})


def test_what_fails_and_what_disagrees_is_told_and_the_rest_is_timed(programs):
    cells = dict(network.measure(PLAN))
    assert list(cells) == NAMES
    cell = cells["predict, batch 1"]
    assert cell["failures"] == {"pytorch compile": "RuntimeError: no C compiler"}
    assert "differs from samjax by 0.5 in saliency" in cell["disagreements"]["pytorch eager"]
    assert set(cell["contenders"]) == {"samjax", "pytorch eager"}


def test_a_cell_is_handed_over_after_each_first_call_and_each_round(programs):
    versions = [cell for name, cell in network.measure(PLAN) if name == NAMES[0]]
    counts = [[len(t["rounds"]) for t in c["contenders"].values()] for c in versions]
    first_calls, rounds = [[0], [0, 0]], [[1, 1], [2, 2]]
    # Whole before the slow compiler; with that, rounds replace rounds where they are as many.
    assert counts[:5] == [*first_calls, *rounds, [2, 2]]
    assert all(count in ([0, 0], [2, 2]) for count in counts[5:])
    assert [is_complete(cell) for cell in versions[:5]] == [False] * 4 + [True]
    assert versions[0]["contenders"]["samjax"]["first_seconds"] >= 0
    assert UNDER_WAY not in versions[-1]


def test_the_slow_compiler_costs_nothing_that_was_measured_before(programs):
    whole = [(name, cell) for name, cell in network.measure(PLAN) if is_complete(cell)]
    assert [name for name, _ in whole] == NAMES * 2
    for _, cell in whole[:3]:
        assert cell["failures"] == {}
        assert set(cell["ratios"]) == {"pytorch eager"}


def test_a_compiler_that_comes_too_late_is_a_line_and_the_times_stay(programs, monkeypatch):
    cell = network.TaskCell(PLAN.tasks[0], PLAN)
    *_, before = cell.measure()
    cell._plan = PLAN._replace(until=time.time() - 1)
    (after,) = cell.measure([network.SLOW_TO_COMPILE])
    assert after["contenders"] == before["contenders"]
    assert after["failures"] == {"pytorch compile": "left out, the time was over"}


def test_less_than_the_least_rounds_is_no_whole_cell(programs):
    late = PLAN._replace(deadline=time.time() - 1)
    *_, cell = network.TaskCell(PLAN.tasks[0], late).measure()
    assert not is_complete(cell)
    assert "first_seconds" in cell["contenders"]["samjax"]


def test_another_network_of_ours_is_compared_in_time_only(programs, monkeypatch):
    monkeypatch.setattr(contenders, "names", lambda *_: ["samjax", "pytorch eager"])
    task = PLAN.tasks[2]._replace(ours=PLAN.case)
    *_, cell = network.TaskCell(task, PLAN).measure()
    assert cell["differences"] == cell["disagreements"] == {}
    assert set(cell["ratios"]) == {"pytorch eager"}


def test_networks_that_differ_end_a_plan_that_does_not_keep_going(programs, monkeypatch):
    monkeypatch.setattr(contenders, "names", lambda *_: ["samjax", "pytorch eager"])
    with pytest.raises(UserError, match="they are not the same network; nothing is compared"):
        dict(network.measure(PLAN._replace(keeps_going=False)))
