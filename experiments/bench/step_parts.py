"""Where the time of a training step and of a prediction goes: XLA's own trace, by part.

An operation belongs to the module of the network that it was traced in, and to the gradient if it
was made by transposing the forward pass. Operations that run at the same time are all counted, so
that the sum may be more than the time of the step.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import jax

from experiments.bench import samjax_side
from experiments.bench.case import NetworkCase, variables_of
from experiments.bench.cells import Cell, Cells, run_cells
from experiments.bench.plan import Plan

OUTSIDE = "loss, optimiser"
GRADIENT = "gradient of "
# What an operation of the compiled program was made of: its name, and where it was traced.
OPERATION = re.compile(r'^\s*(?:ROOT )?%?([\w.\-]+) = .*?op_name="([^"]*)"', re.MULTILINE)
MODULES = {
    r"backbone/block(\d)": "block {}",
    r"backbone/": "backbone, elsewhere",
    r"conv_feat": "conv_feat",
    r"_feature_terms": "recurrence, once",
    r"attentive_convlstm": "recurrence, timesteps",
    r"_head": "head",
}
"""Patterns of where an operation was traced, and the part that it belongs to; the first counts."""


def measure(plan: Plan) -> Cells:
    """Yield the seconds of each part of a training step and of a prediction.

    Yields:
        "train_step, batch 1" and the like with {part: seconds}, the costliest first.
    """
    variables = variables_of(plan.case)
    batches = {"train_step": plan.train_batch, "predict": min(plan.predict_batches)}
    measures = {
        f"{kind}, batch {batch}": partial(
            _measure_task, kind, plan.case._replace(batch=batch), variables
        )
        for kind, batch in batches.items()
    }
    yield from run_cells(measures, plan)


def _measure_task(kind: str, case: NetworkCase, variables: dict) -> Cell:
    """Trace the third call of a program: the first compiles, and the second warms up."""
    program = getattr(samjax_side, kind)(case, variables)
    for _ in range(2):
        jax.block_until_ready(program())
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder):
            jax.block_until_ready(program())
        traced = list(operations(Path(folder)))
    origins = dict(OPERATION.findall(program.compiled.as_text()))
    seconds: Counter[str] = Counter()
    for name, duration in traced:
        if name in origins:
            seconds[part_of(origins[name])] += duration
    return dict(seconds.most_common())


def operations(folder: Path) -> Iterator[tuple[str, float]]:
    """Yield the name of each operation of a traced program, and its seconds."""
    for path in folder.rglob("*.xplane.pb"):
        for plane in jax.profiler.ProfileData.from_file(str(path)).planes:
            for line in plane.lines:
                for event in line.events:
                    name = dict(event.stats).get("hlo_op")
                    if name is not None:
                        yield str(name), 1e-9 * event.duration_ns


def part_of(origin: str) -> str:
    """Return the part that an operation belongs to, by where it was traced."""
    for pattern, part in MODULES.items():
        if found := re.search(pattern, origin):
            return (GRADIENT if "transpose(" in origin else "") + part.format(*found.groups())
    return OUTSIDE
