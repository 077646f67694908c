"""How much is measured: the networks, the batches, the number of rounds and the time."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax

from experiments.bench.case import NetworkCase
from experiments.bench.tasks import NETWORKS, Task, make_tasks, sam_case
from experiments.bench.timing import Limits
from samjax.console.log import log
from samjax.errors import UserError


class Plan(NamedTuple):
    """What the subjects measure.

    Attributes:
        case: The network of the subjects that measure one, and its input.
        tasks: What the subject "network" measures, in this order.
        memory_tasks: Kinds and batch sizes whose memory is measured.
        predict_batches: Batch sizes of prediction.
        train_batch: Batch size of the training step.
        timesteps: Numbers of timesteps of the recurrence.
        rounds: How often each program is timed at most.
        quick: Whether little is measured, for a trial.
        every: Whether PyTorch runs in all its ways, on a CPU as well.
        until: The time (`time.time`) from which nothing more is begun; where there is a deadline,
            only no further round than the least.
        deadline: The time at which all is over, and from which nothing at all is begun.
        keeps_going: Whether what fails is noted, and the rest is measured all the same.
        data_dir: Prepared datasets, for a training.
        output: The folder of the results, for a training.
        kept: Cells of an earlier run, which are not measured again.
        tell: Shows a line of progress.
    """

    case: NetworkCase
    tasks: tuple[Task, ...]
    memory_tasks: tuple[tuple[str, int], ...]
    predict_batches: tuple[int, ...]
    train_batch: int
    timesteps: tuple[int, ...]
    rounds: int
    quick: bool
    every: bool = False
    until: float = math.inf
    deadline: float = math.inf
    keeps_going: bool = False
    data_dir: str = ""
    output: str = ""
    kept: Mapping[str, Any] = {}
    tell: Callable[[str], None] = log

    @property
    def limits(self) -> Limits:
        """How many rounds programs are timed for."""
        return Limits(self.rounds, self.until, self.deadline)

    @property
    def hard_limit(self) -> float:
        """The time from which nothing is begun, and at which a process that runs is ended."""
        return self.until if math.isinf(self.deadline) else self.deadline

    @property
    def seconds_left(self) -> float:
        """How long something may still be begun."""
        return self.hard_limit - time.time()

    @property
    def facts(self) -> dict[str, Any]:
        """What of the plan a file of results holds; its cells say themselves who is in them."""
        names = ("predict_batches", "train_batch", "timesteps", "rounds", "quick")
        facts = {name: getattr(self, name) for name in names}
        return {"case": self.case._asdict(), "dtype": self.case.dtype} | facts


def make_plan(
    networks: Sequence[str] = tuple(NETWORKS),
    dtype: str = "",
    quick: bool = False,
    rounds: int = 0,
    every: bool = False,
) -> Plan:
    """Return the plan for this machine.

    Args:
        networks: Names of NETWORKS; the first SAM, of full size if one is, is the one whose
            parts are measured as well.
        dtype: Of activations; "" for float32 on a CPU and bfloat16 elsewhere.
        quick: Whether to measure a small input in few rounds.
        rounds: How often each program is timed at most; 0 for the usual number.
        every: Whether PyTorch runs in all its ways, on a CPU as well, and the recurrence with all
            numbers of timesteps.

    Raises:
        UserError: A network is unknown.
    """
    unknown = [name for name in networks if name not in NETWORKS]
    if unknown:
        raise UserError(f"network {unknown[0]!r} is unknown; choose of {', '.join(NETWORKS)}")
    is_cpu = jax.default_backend() == "cpu"
    dtype = dtype or ("float32" if is_cpu else "bfloat16")
    train_batch = 1 if is_cpu else 32
    return Plan(
        case=sam_case(networks, quick, dtype),
        tasks=make_tasks(networks, quick, dtype, train_batch),
        memory_tasks=(("predict", 1), ("predict", 8), ("train_step", train_batch))
        + ((("train_step", 8),) if is_cpu else ()),
        predict_batches=(1, 8),
        train_batch=train_batch,
        # Two numbers give a slope. Each one more costs a CPU half a minute and more.
        timesteps=(1, 4) if is_cpu and not every else tuple(range(1, 9)),
        rounds=rounds or _usual_rounds(is_cpu, quick),
        quick=quick,
        every=every,
        keeps_going=True,
    )


def _usual_rounds(is_cpu: bool, quick: bool) -> int:
    if quick:
        return 3
    return 5 if is_cpu else 15


def make_gpu_plan(quick: bool, until: float) -> Plan:
    """Return the plan for a GPU: the full network in bfloat16, large batches first.

    Args:
        quick: Whether to measure a miniature, which a CPU can do as well.
        until: The time from which nothing more is begun.
    """
    case = NetworkCase(dtype="bfloat16")
    if quick:
        case = NetworkCase(
            "vgg_tiny", features=16, timesteps=3, gaussians=4, input_size=(32, 40), dtype="bfloat16"
        )
    batches = (2, 1) if quick else (32, 1)
    # What matters most comes first, because time may run out.
    tasks = [("train_step", batches[0]), *(("predict", batch) for batch in batches)]
    return Plan(
        case=case,
        tasks=tuple(Task("", kind, case._replace(batch=batch)) for kind, batch in tasks),
        memory_tasks=tuple(tasks[:2]),
        predict_batches=batches,
        train_batch=batches[0],
        timesteps=(1, 2, 4),
        rounds=2 if quick else 20,
        quick=quick,
        every=True,
        until=until,
        keeps_going=True,
    )
