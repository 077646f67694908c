"""Who is compared, and the condition of comparing: the same weights give the same outputs."""

from collections.abc import Callable

import jax
import numpy as np

from experiments.bench import samjax_side
from experiments.bench.case import NetworkCase
from experiments.bench.plan import has_torch, torch_variants
from experiments.bench.timing import Timed
from samjax.errors import UserError

# Largest difference relative to the largest value.
TOLERANCE = {"float32": 1e-4, "bfloat16": 0.1}
OURS = "samjax"


def names() -> list[str]:
    return [OURS, *(f"pytorch {variant}" for variant in torch_variants())]


def program(name: str, kind: str, case: NetworkCase, variables: dict) -> Callable:
    """kind: predict or train_step. Calls give {name: array}."""
    if name == OURS:
        return getattr(samjax_side, kind)(case, variables)
    from experiments.bench import torch_side

    return getattr(torch_side, kind)(case, variables, name.removeprefix("pytorch "))


def exact_float32() -> None:
    """No TF32 on either side, which a GPU's defaults allow to different degrees."""
    jax.config.update("jax_default_matmul_precision", "highest")
    if has_torch():
        import torch

        torch.set_float32_matmul_precision("highest")
        torch.backends.cudnn.allow_tf32 = False


def differences(results: dict[str, dict]) -> dict[str, dict[str, float]]:
    """{contender: {output: largest difference from samjax's, over its largest value}}."""
    ours = results[OURS]
    return {
        name: {k: _difference(v, ours[k]) for k, v in result.items() if not isinstance(v, dict)}
        for name, result in results.items()
        if name != OURS
    }


def _difference(value, reference) -> float:
    value, reference = (_array(a) for a in (value, reference))
    return float(np.abs(value - reference).max() / np.abs(reference).max())


def _array(value) -> np.ndarray:
    """Of an array or a tensor, wherever it is."""
    return np.asarray(value.float().cpu() if hasattr(value, "cpu") else value, np.float64)


def agreement(timed: dict[str, Timed], case: NetworkCase) -> dict[str, dict[str, float]]:
    """The differences of the first calls' results. Raises UserError where they are no rounding."""
    found = differences({name: t.result for name, t in timed.items()})
    limit = TOLERANCE[case.dtype]
    for name, outputs in found.items():
        for key, value in outputs.items():
            if not value <= limit:
                raise UserError(
                    f"{name} differs from samjax by {value:.2g} in {key}, more than {limit:g}: "
                    "they are not the same network; nothing is compared"
                )
    return found
