"""A trace has exactly the steps that were asked for, and those of them that a resumed run takes."""

import gzip
import json
from unittest import mock

import jax
import jax.numpy as jnp
import pytest

from samjax.errors import UserError
from samjax.training import profiling
from samjax.training.profiling import Profiled, check_window
from samjax.training.watching import Window, parse_window


@jax.jit
def step(state, batch):
    return state + batch.sum(), batch.mean()


def run(folder, window, start, end, pauses=None):
    """A run of trivial steps from `start` to `end`; returns the steps that its trace has."""
    profiled = Profiled(step, window, start, folder, lambda: (pauses or []).append(1))
    state = jnp.asarray(float(start))
    for _ in range(start, end):
        state, _ = profiled(state, jnp.ones(4))
    profiled.close()
    assert state == start + 4 * (end - start)  # it does what the step does
    traces = list(folder.rglob(profiling.TRACES))
    if not traces:
        return []
    (path,) = traces
    events = json.loads(gzip.decompress(path.read_bytes()))["traceEvents"]
    found = [e for e in events if e.get("name") == profiling.STEP_NAME and "args" in e]
    return sorted({int(e["args"]["step_num"]) for e in found if "step_num" in e["args"]})


def test_a_trace_has_the_steps_of_the_window_and_no_other(tmp_path, capsys):
    assert run(tmp_path, Window(3, 2), start=0, end=6) == [3, 4]
    told = capsys.readouterr().err
    assert "traced steps 3 to 4: open " in told
    assert "https://ui.perfetto.dev" in told


def test_a_resumed_run_traces_what_is_left_of_the_window(tmp_path):
    assert run(tmp_path, Window(3, 3), start=3, end=7) == [4, 5]


def test_a_window_that_lies_behind_a_resumed_run_is_told_and_stops_nothing(tmp_path, capsys):
    assert run(tmp_path, Window(3, 2), start=4, end=6) == []
    assert "goes on from step 4, so steps 3 to 4 are not traced" in capsys.readouterr().err


def test_a_run_that_stops_within_the_window_keeps_its_trace(tmp_path):
    assert run(tmp_path, Window(2, 9), start=0, end=3) == [2, 3]


def test_the_main_process_alone_traces(tmp_path):
    with mock.patch.object(profiling, "is_main_process", return_value=False):
        assert run(tmp_path, Window(1, 2), start=0, end=3) == []


@pytest.mark.parametrize("text", ["", "5", "0:3", "3:0", "a:b", "3:-1", "1:2:3", "1.5:2"])
def test_what_is_no_window_is_told_in_one_line(text):
    with pytest.raises(UserError, match=f"--profile={text} is not STEP:COUNT"):
        parse_window(text)


def test_a_window_beyond_the_run_is_refused():
    check_window(parse_window("10:3"), 12)
    with pytest.raises(UserError, match="ends with step 13, and the run has 12 steps"):
        check_window(parse_window("10:4"), 12)
