"""How much is measured: the network's size, the batches and the number of rounds."""

import importlib.util
import os
import shutil
from typing import NamedTuple

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
    """

    case: NetworkCase
    predict_batches: tuple[int, ...]
    train_batch: int
    timesteps: tuple[int, ...]
    rounds: int
    quick: bool


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


def has_torch() -> bool:
    """Return whether PyTorch is installed."""
    return importlib.util.find_spec("torch") is not None


def torch_variants() -> tuple[str, ...]:
    """Return the ways in which PyTorch can run here; torch.compile needs a C++ compiler."""
    if not has_torch():
        return ()
    has_compiler = os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")
    return TORCH_VARIANTS if has_compiler else TORCH_VARIANTS[:-1]
