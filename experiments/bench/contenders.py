"""Who is compared, and the condition of comparing: the same weights give the same outputs."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from experiments.bench import samjax_side
from experiments.bench.case import NetworkCase
from experiments.bench.plan import has_torch, torch_variants
from experiments.bench.timing import Timed
from samjax.errors import UserError

OURS = "samjax"
TOLERANCE = {"float32": 1e-4, "bfloat16": 0.1}
"""The largest difference that is rounding, relative to the largest value of the output."""

Outputs = dict[str, Any]
"""What a program gives: arrays or tensors by name; a dict among them is not compared."""


def names() -> list[str]:
    """Return the names of all contenders on this machine."""
    return [OURS, *(f"pytorch {variant}" for variant in torch_variants())]


def make_program(name: str, kind: str, case: NetworkCase, variables: dict) -> Callable[[], Outputs]:
    """Return a contender's program, a function without arguments.

    Args:
        name: One of `names`.
        kind: "predict" or "train_step".
        case: The network and its input.
        variables: Of SAM, as `case.random_variables` returns them.
    """
    if name == OURS:
        return getattr(samjax_side, kind)(case, variables)
    from experiments.bench import torch_side

    return getattr(torch_side, kind)(case, variables, name.removeprefix("pytorch "))


def use_exact_float32() -> None:
    """Forbid TF32 on either side, which a GPU's defaults allow to different degrees."""
    jax.config.update("jax_default_matmul_precision", "highest")
    if has_torch():
        import torch

        torch.set_float32_matmul_precision("highest")
        torch.backends.cudnn.allow_tf32 = False


def differences(timed: dict[str, Timed]) -> dict[str, dict[str, float]]:
    """Return how far the results of the contenders' first calls are from samjax's.

    Args:
        timed: Of each contender, samjax among them.

    Returns:
        {contender: {output: the largest difference over the largest value}}.
    """
    ours = timed[OURS].result
    largest = {}
    for name, timing in timed.items():
        if name != OURS:
            arrays = {key: v for key, v in timing.result.items() if not isinstance(v, dict)}
            largest[name] = {key: _difference(v, ours[key]) for key, v in arrays.items()}
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
    for line in disagreements(found, case).values():
        raise UserError(f"{line}; nothing is compared")
    return found


def disagreements(found: dict[str, dict[str, float]], case: NetworkCase) -> dict[str, str]:
    """Return a line for each contender whose differences are too large to be rounding."""
    limit = TOLERANCE[case.dtype]
    lines = {}
    for name, outputs in found.items():
        for key, value in outputs.items():
            if not value <= limit:  # nan is no agreement either
                lines[name] = (
                    f"{name} differs from samjax by {value:.2g} in {key}, more than {limit:g}: "
                    "they are not the same network"
                )
    return lines
