"""How much is measured: the network's size, the batches and the number of rounds."""

import importlib.util
import math
import os
import shutil
import time
from typing import Any, NamedTuple

import jax

from experiments.bench.case import NetworkCase

TORCH_VARIANTS = ("eager", "channels_last", "compile")


class Plan(NamedTuple):
    """What the subjects measure.

    Attributes:
        case: The network and its input.
        predict_batches: Batch sizes of prediction.
        train_batch: Batch size of the training step.
        timesteps: Numbers of timesteps of the recurrence.
        rounds: How often each program is timed.
        quick: Whether little is measured, for a trial.
        until: The time (`time.time`) from which nothing more is begun.
        keeps_going: Whether what fails is noted, and the rest is measured all the same.
        data_dir: Prepared datasets, for a training.
        output: The folder of the results, for a training.
    """

    case: NetworkCase
    predict_batches: tuple[int, ...]
    train_batch: int
    timesteps: tuple[int, ...]
    rounds: int
    quick: bool
    until: float = math.inf
    keeps_going: bool = False
    data_dir: str = ""
    output: str = ""

    @property
    def seconds_left(self) -> float:
        """How long something may still be begun."""
        return self.until - time.time()

    @property
    def facts(self) -> dict[str, Any]:
        """What of the plan a file of results holds."""
        fields = self._asdict() | {"case": self.case._asdict()}
        others = ("until", "keeps_going", "data_dir", "output")
        return {name: v for name, v in fields.items() if name not in others}


def make_plan(backbone: str, dtype: str = "", quick: bool = False, rounds: int = 0) -> Plan:
    """Return the plan for this machine.

    Args:
        backbone: "vgg16" or "resnet50".
        dtype: Of activations; "" for float32 on a CPU and bfloat16 elsewhere.
        quick: Whether to measure a small input in few rounds.
        rounds: How often each program is timed; 0 for the usual number.
    """
    is_cpu = jax.default_backend() == "cpu"
    if not rounds:
        rounds = 5 if is_cpu else 15
        if quick:
            rounds = 3
    case = NetworkCase(
        backbone=backbone,
        input_size=(96, 128) if quick else (240, 320),
        dtype=dtype or ("float32" if is_cpu else "bfloat16"),
    )
    return Plan(
        case=case,
        predict_batches=(1, 8),
        train_batch=1 if is_cpu else 32,
        timesteps=(1, 4, 8) if quick else tuple(range(1, 9)),
        rounds=rounds,
        quick=quick,
    )


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
    return Plan(
        case=case,
        predict_batches=(2, 1) if quick else (32, 1),
        train_batch=2 if quick else 32,
        timesteps=(1, 2, 4),
        rounds=2 if quick else 20,
        quick=quick,
        until=until,
        keeps_going=True,
    )


def has_torch() -> bool:
    """Return whether PyTorch is installed."""
    return importlib.util.find_spec("torch") is not None


def torch_variants() -> tuple[str, ...]:
    """Return the ways in which PyTorch can run here; on a CPU, compile needs a C++ compiler."""
    if not has_torch():
        return ()
    if jax.default_backend() != "cpu":
        return TORCH_VARIANTS
    has_compiler = os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")
    return TORCH_VARIANTS if has_compiler else TORCH_VARIANTS[:-1]
