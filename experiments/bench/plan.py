"""How much is measured: the network's size, the batches and the number of rounds."""

import importlib.util
import os
import shutil
from typing import NamedTuple

import jax

from experiments.bench.case import NetworkCase

VARIANTS = ("eager", "channels_last", "compile")  # of PyTorch


class Plan(NamedTuple):
    case: NetworkCase
    predict_batches: tuple[int, ...]
    train_batch: int
    timesteps: tuple[int, ...]
    rounds: int
    quick: bool


def make_plan(backbone: str, dtype: str = "", quick: bool = False, rounds: int = 0) -> Plan:
    """dtype: "" for float32 on a CPU and bfloat16 elsewhere; rounds: 0 for the usual number."""
    on_cpu = jax.default_backend() == "cpu"
    case = NetworkCase(
        backbone=backbone,
        input_size=(96, 128) if quick else (240, 320),
        dtype=dtype or ("float32" if on_cpu else "bfloat16"),
    )
    return Plan(
        case=case,
        predict_batches=(1, 8),
        train_batch=1 if on_cpu else 32,
        timesteps=(1, 4, 8) if quick else tuple(range(1, 9)),
        rounds=rounds or (3 if quick else 5 if on_cpu else 15),
        quick=quick,
    )


def has_torch() -> bool:
    return importlib.util.find_spec("torch") is not None


def torch_variants() -> tuple[str, ...]:
    """What of PyTorch can run here; torch.compile needs a C++ compiler."""
    if not has_torch():
        return ()
    compiles = os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")
    return VARIANTS if compiles else VARIANTS[:-1]
