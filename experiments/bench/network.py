"""The whole network, prediction and training step, beside PyTorch's of the same equations."""

from experiments.bench import contenders
from experiments.bench.case import NetworkCase, variables_of
from experiments.bench.plan import Plan
from experiments.bench.timing import interleaved, ratio


def measure(plan: Plan) -> dict:
    """{"predict, batch 1": {"contenders": seconds, "ratios": to samjax, "differences"}, ...}."""
    cells = [("predict", batch) for batch in plan.predict_batches]
    cells.append(("train_step", plan.train_batch))
    variables = variables_of(plan.case)
    return {
        f"{kind}, batch {batch}": _cell(
            kind, plan.case._replace(batch=batch), variables, _rounds(plan, kind, batch)
        )
        for kind, batch in cells
    }


def _rounds(plan: Plan, kind: str, batch: int) -> int:
    """The costliest cells of a CPU make do with fewer."""
    long = kind == "predict" and batch > 1 and plan.case.dtype == "float32"
    return max(2, plan.rounds // 2) if long else plan.rounds


def _cell(kind: str, case: NetworkCase, variables: dict, rounds: int) -> dict:
    programs = {
        name: contenders.program(name, kind, case, variables) for name in contenders.names()
    }
    once = interleaved(programs, 0)
    found = contenders.agreement(once, case)
    timed = interleaved(programs, rounds)
    ours = timed[contenders.OURS].rounds
    return {
        "contenders": {
            name: t._replace(first=once[name].first).summary() for name, t in timed.items()
        },
        "ratios": {n: ratio(t.rounds, ours) for n, t in timed.items() if n != contenders.OURS},
        "differences": found,
    }
