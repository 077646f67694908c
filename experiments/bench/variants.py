"""What to choose on this device, by measurement: time against memory.

On a GPU these are the timesteps per iteration (`unroll`), and `remat`. On a CPU, where loops are
slow, they are the arithmetic (the CPU's own, XLA's convolutions, bfloat16) and how many images of
a batch are under way at once in a prediction. There is no layout to choose: JAX's names of a
convolution's axes are logical, and XLA lays arrays out for a GPU's convolutions by itself, whatever
the names are.
"""

import math
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import jax

from experiments.bench import samjax_side
from experiments.bench.case import NetworkCase, variables_of
from experiments.bench.cells import UNDER_WAY, Cell, Cells, describe, run_cells
from experiments.bench.plan import Plan
from experiments.bench.processor import has_bfloat16
from experiments.bench.timing import interleaved, ratio
from samjax.console.log import log
from samjax.models.backend import XLA

WORTH_A_CHANGE = 0.98
"""The time over the default's below which another choice is worth naming."""
TOO_SLOW = 10
"""How many times longer than the fastest a choice may take to be measured with it in turn."""


def measure(plan: Plan) -> Cells:
    """Yield the speed and the memory of the choices, for the training step and for prediction.

    Yields:
        "train_step, batch 32" and the like, with "choices": seconds of each, the bytes of its
        program's arguments and those that it needs beside them, "ratios" of their times to the
        default's, "fastest", "failures".
    """
    variables = variables_of(plan.case)
    tasks = {"train_step": plan.train_batch, "predict": max(plan.predict_batches)}
    measures = {}
    for kind, batch in tasks.items():
        case = plan.case._replace(batch=batch)
        measures[f"{kind}, batch {batch}"] = partial(_measure_task, kind, case, variables, plan)
    yield from run_cells(measures, plan)


def choices(kind: str, case: NetworkCase) -> dict[str, NetworkCase]:
    """Return what there is to choose from, the default first; recomputing is for training only."""
    if jax.default_backend() == "cpu":
        return _cpu_choices(kind, case)
    scanned = case.timesteps - 1
    found = {"unroll 1": case._replace(unroll=1)}
    if scanned > 1:
        found[f"unroll {scanned}"] = case._replace(unroll=scanned)
    if kind == "train_step":
        found |= {f"{name}, remat": c._replace(remat=True) for name, c in found.items()}
    return found


def _cpu_choices(kind: str, case: NetworkCase) -> dict[str, NetworkCase]:
    """Return the arithmetic, and for prediction how many images are under way at once."""
    found = {"the CPU's arithmetic": case}
    if has_bfloat16():
        found["bfloat16"] = case._replace(dtype="bfloat16")
    if kind == "train_step":
        # The gradients of XLA's own convolutions take minutes.
        return found
    numbers = [1 << k for k in range(case.batch.bit_length())]
    found |= {f"{n} at once": case._replace(at_once=n) for n in numbers}
    return found | {"XLA's convolutions": case._replace(backend=XLA)}


def _measure_task(kind: str, case: NetworkCase, variables: dict, plan: Plan) -> Iterator[Cell]:
    """Yield the cell after each choice that has been compiled, and at last with all rounds."""
    programs: dict[str, samjax_side.Program] = {}
    failures: dict[str, str] = {}
    fastest = math.inf
    for name, choice in choices(kind, case).items():
        if plan.seconds_left <= 0:
            failures[name] = "left out, the time was over"
            continue
        log(f"    {name}")
        try:
            program = getattr(samjax_side, kind)(choice, variables)
            program()
            seconds = _time_once(program)
        except Exception as error:
            failures[name] = describe(error)
            continue
        fastest = min(fastest, seconds)
        if seconds > TOO_SLOW * fastest:
            failures[name] = f"left out, a call takes {seconds:.0f} s"
            continue
        programs[name] = program
        yield _time_in_turn(programs, 1) | {"failures": dict(failures), UNDER_WAY: True}
    if programs:
        yield _time_in_turn(programs, plan.rounds) | {"failures": failures}


def _time_once(program: samjax_side.Program) -> float:
    """Return the seconds of a call, after one that compiles."""
    start = time.perf_counter()
    jax.block_until_ready(program())
    return time.perf_counter() - start


def _time_in_turn(programs: dict[str, samjax_side.Program], rounds: int) -> Cell:
    timed = interleaved(programs, rounds)
    default = next(iter(timed))
    found: dict[str, Any] = {}
    for name, timing in timed.items():
        summary = timing.summary()
        del summary["compile_seconds"]  # it was compiled before
        found[name] = summary | _bytes_needed(programs[name])
    ratios = {name: ratio(t.rounds, timed[default].rounds) for name, t in timed.items()}
    fastest = min(ratios, key=lambda name: ratios[name]["ratio"])
    if ratios[fastest]["ratio"] > WORTH_A_CHANGE:
        fastest = default
    return {"choices": found, "ratios": ratios, "fastest": fastest}


def _bytes_needed(program: samjax_side.Program) -> dict[str, int | None]:
    """Return the bytes of a program's arguments and what it needs beside them and its results."""
    analysis = program.compiled.memory_analysis()
    if analysis is None:  # the compiler does not tell
        return {"bytes": None, "argument_bytes": None}
    # Calls that are under way at the same time have their arguments in common.
    sizes = program.at_once * analysis.temp_size_in_bytes, analysis.argument_size_in_bytes
    return dict(zip(("bytes", "argument_bytes"), map(int, sizes), strict=True))
