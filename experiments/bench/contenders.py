"""Who is compared, and the condition of comparing: the same weights give the same outputs."""

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np

from experiments.bench import samjax_side
from experiments.bench.case import NetworkCase
from experiments.bench.timing import Timed
from samjax.errors import UserError
from samjax.extras import how_to_install

OURS = "samjax"
TORCH_VARIANTS = ("eager", "channels_last", "compile")
USUAL_VARIANTS = TORCH_VARIANTS[:1]
# The packages of those who run an exported network.
RUNTIMES = {
    "onnxruntime": ("torch", "onnx", "onnxscript", "onnxruntime"),
    "openvino": ("torch", "onnx", "onnxscript", "openvino"),
}
# In float32 a random SAM-ResNet is off from float64 by 6e-5 (ONNX Runtime) to 1.9e-4 (OpenVINO), a
# random SAM-VGG by 1e-5, and one whose operation is wrong by 1e-1.
TOLERANCE = {"float32": 5e-4, "bfloat16": 0.1}
"""The largest difference that is rounding, relative to the largest value of the output."""

Outputs = dict[str, Any]
"""What a program gives: arrays or tensors by name; a dict among them is not compared."""


def has(*packages: str) -> bool:
    """Return whether packages are installed."""
    return all(importlib.util.find_spec(package) for package in packages)


def has_torch() -> bool:
    """Return whether PyTorch is installed."""
    return has("torch")


def names(kind: str, dtype: str = "float32", every: bool = True) -> list[str]:
    """Return the names of the contenders that can run a task on this machine.

    Args:
        kind: "predict" or "train_step".
        dtype: Of activations, "float32" or "bfloat16".
        every: Also PyTorch's ways that are not the usual one on a CPU.
    """
    is_cpu = jax.default_backend() == "cpu"
    variants = [v for v in _torch_variants() if every or not is_cpu or v in USUAL_VARIANTS]
    found = [OURS, *(f"pytorch {variant}" for variant in variants)]
    if is_cpu and kind == "predict":
        runtimes = RUNTIMES if dtype == "float32" else ("openvino",)
        found += [name for name in runtimes if has(*RUNTIMES[name])]
    return found


def _torch_variants() -> tuple[str, ...]:
    """Return the ways in which PyTorch can run here; on a CPU, compile needs a C++ compiler."""
    if not has_torch():
        return ()
    if jax.default_backend() != "cpu":
        return TORCH_VARIANTS
    has_compiler = os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")
    return TORCH_VARIANTS if has_compiler else TORCH_VARIANTS[:-1]


def absent() -> dict[str, str]:
    """Return what to install for each contender that is not installed, by its name."""
    needed: dict[str, tuple[str, ...]] = {"pytorch": ("torch",)}
    if jax.default_backend() == "cpu":
        needed |= RUNTIMES
    cure = how_to_install("bench").replace("samjax[", ".[")
    lines = {}
    for name, packages in needed.items():
        missing = [package for package in packages if not has(package)]
        if missing:
            lines[name] = f"left out, {' and '.join(missing)} not installed; run {cure}"
    return lines


def prepare(name: str, case: NetworkCase, variables: dict, folder: Path) -> None:
    """Write the network into a folder for a contender who reads an exported one.

    This is no part of what is timed. The arguments are those of `make_program`.
    """
    if name in RUNTIMES:
        from experiments.bench import onnx_side

        onnx_side.export(case, variables, folder)


def make_program(
    name: str, kind: str, case: NetworkCase, variables: dict, folder: Path
) -> Callable[[], Outputs]:
    """Return a contender's program, a function without arguments; `prepare` comes before.

    Args:
        name: One of `names`.
        kind: "predict" or "train_step".
        case: The network and its input.
        variables: Of SAM, as `case.variables_of` returns them.
        folder: Where the exported network is, for those who read it.
    """
    if name == OURS:
        return getattr(samjax_side, kind)(case, variables)
    if name in RUNTIMES:
        from experiments.bench import onnx_side

        return getattr(onnx_side, name)(folder / onnx_side.FILE, case)
    from experiments.bench import torch_side

    return getattr(torch_side, kind)(case, variables, name.removeprefix("pytorch "))


def use_exact_float32() -> None:
    """Forbid TF32 on either side, which a GPU's defaults allow to different degrees."""
    jax.config.update("jax_default_matmul_precision", "highest")
    if has_torch():
        import torch

        torch.set_float32_matmul_precision("highest")
        torch.backends.cudnn.allow_tf32 = False


def differences(timed: dict[str, Timed], reference: str = OURS) -> dict[str, dict[str, float]]:
    """Return how far the results of the contenders' first calls are from one's.

    Args:
        timed: Of each contender, the reference among them.
        reference: With whom the others are compared; samjax where the network is the same.

    Returns:
        {contender: {output: the largest difference over the largest value}}.
    """
    expected = timed[reference].result
    largest = {}
    for name, timing in timed.items():
        if name != reference:
            arrays = {key: v for key, v in timing.result.items() if not isinstance(v, dict)}
            largest[name] = {key: _difference(v, expected[key]) for key, v in arrays.items()}
    return largest


def _difference(value: Any, reference: Any) -> float:
    value, reference = _to_array(value), _to_array(reference)
    return float(np.abs(value - reference).max() / np.abs(reference).max())


def _to_array(value: Any) -> np.ndarray:
    """Return an array or a tensor, wherever it is, as float64 in NumPy."""
    return np.asarray(value.float().cpu() if hasattr(value, "cpu") else value, np.float64)


def check_agreement(timed: dict[str, Timed], case: NetworkCase) -> dict[str, dict[str, float]]:
    """Return the differences between the results of the contenders' first calls.

    Raises:
        UserError: A difference is too large to be rounding; then two networks are compared.
    """
    found = differences(timed)
    for line in disagreements(found, case.dtype).values():
        raise UserError(f"{line}; nothing is compared")
    return found


def disagreements(
    found: dict[str, dict[str, float]], dtype: str, reference: str = OURS
) -> dict[str, str]:
    """Return a line for each contender whose differences are too large to be rounding."""
    limit = TOLERANCE[dtype]
    lines = {}
    for name, outputs in found.items():
        for key, value in outputs.items():
            if not value <= limit:  # nan is no agreement either
                lines[name] = (
                    f"{name} differs from {reference} by {value:.2g} in {key}, more than "
                    f"{limit:g}: they are not the same network"
                )
    return lines
