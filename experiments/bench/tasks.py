"""What is compared: networks at prediction and training step, in the order of their worth."""

from collections.abc import Sequence
from typing import NamedTuple

import jax

from experiments.bench import processor
from experiments.bench.case import UNISAL_SIZE, NetworkCase, bundled_case
from samjax import bundled

# By the names of the flag: what the tables call it.
NETWORKS = {
    "sam-vgg": "SAM-VGG",
    "sam-resnet": "SAM-ResNet",
    "sam-small": "sam-small",
    "unisal": "UNISAL's size",
}
BACKBONES = {"sam-vgg": "vgg16", "sam-resnet": "resnet50"}
UNISAL_INPUT = (288, 384)
QUICK_INPUT = (96, 128)
TRAIN = "train_step"
MORE = "more contenders"

# In the order of their worth: network, kind and batch. A training step's batch is the plan's.
ORDER = (
    ("sam-vgg", "predict", 1),
    ("sam-vgg", TRAIN, 0),
    ("sam-small", "predict", 1),
    ("sam-small", "predict", 8),
    ("sam-resnet", "predict", 1),
    ("sam-vgg", "predict", 8),
    ("sam-resnet", "predict", 8),
    ("unisal", "predict", 1),
    ("unisal", "predict", 8),
)
# In bfloat16 as well, where a processor has it.
ALSO_BFLOAT16 = (("sam-vgg", "predict", 1), ("sam-small", "predict", 1))


class Task(NamedTuple):
    """A network at one kind of work, and so a cell of the results.

    Attributes:
        network: What the tables call it; "" where there is only one.
        kind: "predict" or "train_step".
        case: The network and its input.
        ours: The network that samjax runs, where it is another one: only times are compared then.
        remark: What the name says besides, such as "bfloat16".
    """

    network: str
    kind: str
    case: NetworkCase
    ours: NetworkCase | None = None
    remark: str = ""

    @property
    def name(self) -> str:
        """The name of the cell."""
        parts = (self.network, self.kind, f"batch {self.case.batch}", self.remark)
        return ", ".join(filter(None, parts))

    @property
    def about(self) -> str:
        """What the network is, in words."""
        case = self.case
        size = "x".join(map(str, case.input_size))
        if self.ours is not None:
            own = "x".join(map(str, self.ours.input_size))
            return (
                f"another network, a MobileNetV2 of UNISAL's size with random weights, {size}; "
                f"samjax runs {self.ours.weights} there, {own}: only times are compared"
            )
        weights = "its own weights" if case.weights else "random weights"
        return f"{case.backbone}, {size}, T = {case.timesteps}, {case.dtype}, {weights}"


def sam_case(networks: Sequence[str], quick: bool, dtype: str) -> NetworkCase:
    """Return the case of the first of the networks that is a SAM, of full size if one is."""
    full = [name for name in networks if name in BACKBONES]
    sams = full or [name for name in networks if name == "sam-small"] or ["sam-vgg"]
    return _case(sams[0], quick)._replace(dtype=dtype)


def make_tasks(
    networks: Sequence[str], quick: bool, dtype: str, train_batch: int
) -> tuple[Task, ...]:
    """Return the tasks of some networks, in the order of their worth.

    Args:
        networks: Names of NETWORKS.
        quick: Whether inputs are small.
        dtype: Of activations; in float32, what a processor can do in bfloat16 follows at the end.
        train_batch: Batch size of the training step.
    """
    tasks = [
        _task(name, kind, batch or train_batch, quick, dtype)
        for name, kind, batch in ORDER
        if name in networks
    ]
    is_cpu = jax.default_backend() == "cpu"
    if is_cpu and dtype == "float32" and processor.has_bfloat16():
        tasks += [
            _task(name, kind, batch, quick, "bfloat16")._replace(remark="bfloat16")
            for name, kind, batch in ALSO_BFLOAT16
            if name in networks
        ]
    return tuple(tasks)


def _task(name: str, kind: str, batch: int, quick: bool, dtype: str) -> Task:
    case = _case(name, quick)._replace(batch=batch, dtype=dtype)
    ours = None
    if name == "unisal":
        ours = _case("sam-small", quick)._replace(batch=batch, dtype=dtype)
    return Task(NETWORKS[name], kind, case, ours)


def _case(name: str, quick: bool) -> NetworkCase:
    """Return the case of a network at the size of its input, or a small one."""
    if name == "unisal":
        case = NetworkCase(UNISAL_SIZE, input_size=UNISAL_INPUT)
    elif name in BACKBONES:
        case = NetworkCase(BACKBONES[name])
    else:
        case = bundled_case(bundled.NAME)
    return case._replace(input_size=QUICK_INPUT) if quick else case
