"""The choices on a device, and when another one than the default is named."""

from types import SimpleNamespace

import jax
import pytest

from experiments.bench import samjax_side, variants
from experiments.bench.case import NetworkCase, samjax_model
from experiments.bench.plan import make_gpu_plan
from experiments.bench.timing import Timed

PLAN = make_gpu_plan(quick=True, until=float("inf"))


@pytest.fixture
def on_a_gpu(monkeypatch):
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")


def test_a_cpu_chooses_its_arithmetic(monkeypatch):
    monkeypatch.setattr(variants, "has_bfloat16", lambda: True)
    found = variants.choices("predict", NetworkCase(batch=4))
    ways = ["the CPU's arithmetic", "bfloat16", "XLA's convolutions"]
    assert list(found) == [*ways[:2], "1 at once", "2 at once", "4 at once", ways[2]]
    assert samjax_model(found["XLA's convolutions"]).backend == "xla"
    one, four = (found[f"{n} at once"] for n in (1, 4))
    assert samjax_side.Prediction(None, (), one, 1).at_once == 1
    assert samjax_side.Prediction(None, (), four, 1).at_once == 4
    assert list(variants.choices("train_step", NetworkCase())) == ways[:2]
    monkeypatch.setattr(variants, "has_bfloat16", lambda: False)
    assert "bfloat16" not in variants.choices("predict", NetworkCase())


def test_the_choices_begin_with_the_default_and_recompute_only_in_training(on_a_gpu):
    found = variants.choices("train_step", NetworkCase(timesteps=4))
    assert list(found) == ["unroll 1", "unroll 3", "unroll 1, remat", "unroll 3, remat"]
    assert found["unroll 3, remat"].unroll == 3
    assert found["unroll 3, remat"].remat
    assert list(variants.choices("predict", NetworkCase(timesteps=4))) == ["unroll 1", "unroll 3"]
    assert list(variants.choices("predict", NetworkCase(timesteps=2))) == ["unroll 1"]


def test_another_choice_is_named_only_where_it_is_worth_it(monkeypatch):
    seconds = {"unroll 1": 1.0, "unroll 2": 0.99}

    def interleaved(programs, rounds):
        return {name: Timed(0.0, [seconds[name]], None) for name in programs}

    monkeypatch.setattr(variants, "interleaved", interleaved)
    analysis = SimpleNamespace(temp_size_in_bytes=7, argument_size_in_bytes=8)
    compiled = SimpleNamespace(memory_analysis=lambda: analysis)
    program = SimpleNamespace(compiled=compiled, at_once=2)
    programs = dict.fromkeys(seconds, program)
    found = variants._time_in_turn(programs, 1)
    assert found["fastest"] == "unroll 1"
    assert found["choices"]["unroll 2"]["bytes"] == 2 * 7
    assert found["choices"]["unroll 2"]["argument_bytes"] == 8
    seconds["unroll 2"] = 0.9
    assert variants._time_in_turn(programs, 1)["fastest"] == "unroll 2"


def test_each_choice_is_handed_over_and_a_failing_one_is_told(monkeypatch, on_a_gpu):
    def train_step(case, variables):
        if case.remat:
            raise MemoryError("out of it")
        return lambda: None

    monkeypatch.setattr(samjax_side, "train_step", train_step)
    monkeypatch.setattr(variants, "_time_in_turn", lambda programs, rounds: {"n": len(programs)})
    cells = list(variants._measure_task("train_step", PLAN.case, {}, PLAN))
    assert [cell["n"] for cell in cells] == [1, 2, 2]
    assert cells[-1]["failures"]["unroll 2, remat"] == "MemoryError: out of it"
