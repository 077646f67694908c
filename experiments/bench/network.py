"""The whole network, prediction and training step, beside PyTorch's of the same equations."""

from typing import Any

from experiments.bench import contenders
from experiments.bench.case import NetworkCase, random_variables
from experiments.bench.plan import Plan
from experiments.bench.timing import interleaved, ratio
from samjax.console.log import log


def measure(plan: Plan) -> dict[str, Any]:
    """Return the speed of all contenders, for prediction by batch size and for the training step.

    Returns:
        {"predict, batch 1": {"contenders": seconds of each, "ratios": of their times to samjax's,
        "differences": of their outputs from samjax's}, ...}.
    """
    cells = [("predict", batch) for batch in plan.predict_batches]
    cells.append(("train_step", plan.train_batch))
    variables = random_variables(plan.case)
    results = {}
    for kind, batch in cells:
        log(f"  {kind}, batch {batch}")
        case = plan.case._replace(batch=batch)
        cell = _measure_cell(kind, case, variables, _num_rounds(plan, kind, batch))
        results[f"{kind}, batch {batch}"] = cell
    return results


def _num_rounds(plan: Plan, kind: str, batch: int) -> int:
    """Return the number of rounds, which is smaller for the costliest cells of a CPU."""
    is_costly = kind == "predict" and batch > 1 and plan.case.dtype == "float32"
    return max(2, plan.rounds // 2) if is_costly else plan.rounds


def _measure_cell(kind: str, case: NetworkCase, variables: dict, rounds: int) -> dict[str, Any]:
    """Time all contenders at one task, after a check that they agree."""
    programs = {}
    for name in contenders.names():
        programs[name] = contenders.make_program(name, kind, case, variables)
    # Each program once, which compiles it; only if all agree is there anything to time.
    first_calls = interleaved(programs, 0)
    differences = contenders.check_agreement(first_calls, case)
    timed = interleaved(programs, rounds)
    ours = timed[contenders.OURS].rounds
    summaries, ratios = {}, {}
    for name, timing in timed.items():
        summaries[name] = timing._replace(first=first_calls[name].first).summary()
        if name != contenders.OURS:
            ratios[name] = ratio(timing.rounds, ours)
    return {"contenders": summaries, "ratios": ratios, "differences": differences}
