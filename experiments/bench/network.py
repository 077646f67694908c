"""The whole network, prediction and training step, beside PyTorch's of the same equations."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from experiments.bench import contenders
from experiments.bench.case import NetworkCase, random_variables
from experiments.bench.cells import Cell, Cells, describe, run_cells
from experiments.bench.plan import Plan
from experiments.bench.timing import Timed, interleaved, ratio
from samjax.console.log import log
from samjax.errors import UserError

SLOW_TO_COMPILE = "pytorch compile"


def measure(plan: Plan) -> Cells:
    """Yield the speed of all contenders, for the training step and for prediction by batch size.

    Yields:
        "predict, batch 1" and the like, with "contenders": seconds of each, "ratios": of their
        times to samjax's, "differences": of their outputs from samjax's, "failures": of those that
        do not run here, "disagreements": of those whose outputs differ by more than rounding.
    """
    tasks = [("predict", batch) for batch in plan.predict_batches]
    # Where time may run out, what matters most comes first.
    tasks.insert(0 if plan.keeps_going else len(tasks), ("train_step", plan.train_batch))
    variables = random_variables(plan.case)
    measured: dict[str, Iterator[Cell]] = {}
    for kind, batch in tasks:
        case = plan.case._replace(batch=batch)
        measured[f"{kind}, batch {batch}"] = _measure_task(kind, case, variables, plan)
    if plan.keeps_going:
        # All that compiles within seconds first, whatever the task.
        yield from run_cells({name: partial(next, task) for name, task in measured.items()}, plan)
        plan = plan._replace(until=math.inf)  # what remains knows by itself when time is over
    yield from run_cells({name: partial(iter, task) for name, task in measured.items()}, plan)


def _num_rounds(plan: Plan, kind: str, batch: int) -> int:
    """Return the number of rounds, which is smaller for the costliest cells of a CPU."""
    is_costly = kind == "predict" and batch > 1 and plan.case.dtype == "float32"
    return max(2, plan.rounds // 2) if is_costly else plan.rounds


def _measure_task(kind: str, case: NetworkCase, variables: dict, plan: Plan) -> Iterator[Cell]:
    """Time all contenders at one task, after a check that they agree.

    Where time may run out, those that compile within seconds are timed once without the others.
    """
    plan = plan._replace(rounds=_num_rounds(plan, kind, case.batch))
    first_calls: dict[str, Timed] = {}
    failures: dict[str, str] = {}
    programs: dict[str, Callable] = {}
    for name in contenders.names():
        if name == SLOW_TO_COMPILE and plan.keeps_going:
            cell = _time_in_turn(case, programs, first_calls, failures, plan)
            yield cell
            if plan.seconds_left <= 0:
                yield cell | {"failures": {**failures, name: "left out, the time was over"}}
                return
        log(f"    {name}")
        try:
            # Each program once, which compiles it; only if all agree is there anything to time.
            programs[name] = contenders.make_program(name, kind, case, variables)
            first_calls |= interleaved({name: programs[name]}, 0)
        except Exception as error:
            if name == contenders.OURS or not plan.keeps_going:
                raise
            programs.pop(name, None)
            failures[name] = describe(error)
    yield _time_in_turn(case, programs, first_calls, failures, plan)


def _time_in_turn(
    case: NetworkCase,
    programs: dict[str, Callable],
    first_calls: dict[str, Timed],
    failures: dict[str, str],
    plan: Plan,
) -> Cell:
    """Return the cell of programs whose first calls are made."""
    differences = contenders.differences(first_calls)
    disagreements = contenders.disagreements(differences, case)
    for line in disagreements.values():
        if not plan.keeps_going:
            raise UserError(f"{line}; nothing is compared")
    timed = interleaved(programs, plan.rounds)
    ours = timed[contenders.OURS].rounds
    summaries: dict[str, Any] = {}
    ratios = {}
    for name, timing in timed.items():
        summaries[name] = timing._replace(first=first_calls[name].first).summary()
        if name != contenders.OURS:
            ratios[name] = ratio(timing.rounds, ours)
    return {
        "contenders": summaries,
        "ratios": ratios,
        "differences": differences,
        "disagreements": disagreements,
        "failures": dict(failures),
    }
