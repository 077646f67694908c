"""The steps of a benchmark in the order of their worth, each with the time that it takes at least.

The seconds are those of 2 cores of an Intel Xeon with AVX-512 and AMX, with two rounds and the
compiled programs kept; `Budget` learns how much longer everything takes elsewhere.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax

from experiments.bench import contenders, convolutions, memory
from experiments.bench.cells import is_complete
from experiments.bench.plan import Plan
from experiments.bench.tasks import MORE, TRAIN, Task

# By the task's network and kind, without what grows with the batch: for an image, and besides.
TASK_SECONDS = {
    ("SAM-VGG", "predict"): (20.0, 25.0),
    ("SAM-VGG", "train_step"): (25.0, 30.0),
    ("sam-small", "predict"): (0.8, 13.0),
    ("SAM-ResNet", "predict"): (20.0, 28.0),
    ("UNISAL's size", "predict"): (1.4, 10.0),
}
MORE_SHARE, MORE_SECONDS = 2.0, 40.0
"""How much longer a task takes with PyTorch's other ways, and what torch.compile compiles for."""
MEMORY_SECONDS = {"predict": (13.0, 33.0), "train_step": (15.0, 40.0)}
SUBJECT_SECONDS = {
    "timesteps": 150.0,
    "convolutions": 100.0,
    "roofline": 90.0,
    "step_parts": 75.0,
    "metrics": 60.0,
    "pipeline": 25.0,
}
QUICK_SECONDS = 15.0


class Step(NamedTuple):
    """A piece of the benchmark.

    Attributes:
        subject: The module that measures it.
        name: What the progress calls it.
        plan: What it measures.
        seconds: How long it takes at least, on the machine above.
        cells: The names of its cells; () where they are not known before.
        wanted: The contenders that its cell should have; () where that does not matter.
        is_spare: Whether it is only for time that is left over, which no step before it keeps free.
    """

    subject: str
    name: str
    plan: Plan
    seconds: float
    cells: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    is_spare: bool = False

    def is_done(self, results: Mapping[str, Any]) -> bool:
        """Return whether a subject's results hold all of it."""
        if not self.cells:
            return bool(results) and all(map(is_complete, results.values()))
        cells = [results.get(name) for name in self.cells]
        if not all(cell is not None and is_complete(cell) for cell in cells):
            return False
        there = {
            name for key in ("contenders", "failures") for name in (cells[0] or {}).get(key, ())
        }
        return there.issuperset(self.wanted)


def make_steps(subjects: Sequence[str], plan: Plan) -> list[Step]:
    """Return the steps of some subjects, what is worth most first.

    At the end are those for which time may be left over: the memory of training steps with several
    images, and further contenders of whole networks.
    """
    steps: list[Step] = []
    late: list[Step] = []
    for subject in subjects:
        if subject == "network":
            steps += [_network_step(task, plan) for task in plan.tasks]
        elif subject == "memory":
            for kind, batch in plan.memory_tasks:
                is_late = kind == TRAIN and batch != plan.train_batch
                (late if is_late else steps).append(_memory_step(kind, batch, plan))
        else:
            seconds = _quick(SUBJECT_SECONDS.get(subject, 60.0), plan)
            steps.append(Step(subject, subject, plan, seconds, _cells(subject, plan)))
    if "network" in subjects and not plan.every and jax.default_backend() == "cpu":
        late += _further_steps(plan)
    return [*steps, *(step._replace(is_spare=True) for step in late)]


def _network_step(task: Task, plan: Plan) -> Step:
    per_image, besides = TASK_SECONDS.get((task.network, task.kind), (20.0, 20.0))
    seconds = per_image * task.case.batch + besides
    if plan.every:
        seconds = MORE_SHARE * seconds + MORE_SECONDS
    own = plan._replace(tasks=(task,))
    wanted = tuple(contenders.names(task.kind, task.case.dtype, plan.every))
    return Step("network", task.name, own, _quick(seconds, plan), (task.name,), wanted)


def _further_steps(plan: Plan) -> list[Step]:
    """Return the tasks at batch 1 in float32 once more, with all ways of PyTorch."""
    own = plan._replace(every=True)
    tasks = [t for t in plan.tasks if t.case.batch == 1 and not t.remark and t.ours is None]
    # The training step's ways are more different than those of prediction.
    tasks.sort(key=lambda task: task.kind != TRAIN)
    return [_network_step(task._replace(remark=MORE), own) for task in tasks]


def _memory_step(kind: str, batch: int, plan: Plan) -> Step:
    per_image, besides = MEMORY_SECONDS[kind]
    own = plan._replace(memory_tasks=((kind, batch),))
    cell = memory.task_name(kind, batch)
    seconds = _quick(per_image * batch + besides, plan)
    return Step("memory", f"memory, {cell}", own, seconds, (cell,))


def _cells(subject: str, plan: Plan) -> tuple[str, ...]:
    if subject == "timesteps":
        return ("forward", "gradient")
    if subject == "convolutions":
        return tuple(shape.name for shape in convolutions.network_shapes(plan.case))
    if subject == "roofline":
        batches = {"train_step": plan.train_batch, "predict": max(plan.predict_batches)}
        return tuple(memory.task_name(kind, batch) for kind, batch in batches.items())
    if subject == "step_parts":
        batches = {"train_step": plan.train_batch, "predict": min(plan.predict_batches)}
        return tuple(memory.task_name(kind, batch) for kind, batch in batches.items())
    return ()


def _quick(seconds: float, plan: Plan) -> float:
    return min(seconds, QUICK_SECONDS) if plan.quick else seconds
