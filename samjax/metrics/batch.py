"""Scores of a batch of images by the metrics of a convention, all in one compiled program."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Shaped

from samjax.errors import UserError
from samjax.metrics.arrays import Values
from samjax.metrics.conventions import (
    CONVENTIONS,
    ON_HOST,
    OPTIONAL_NEEDS,
    check_names,
    default_names,
)
from samjax.metrics.emd import emd
from samjax.metrics.map_values import refuse_logs

AnyArray = jax.Array | np.ndarray
# A smaller bound saves too little time to be worth a compiled program.
MIN_LIMIT = 256  # of fixated pixels per image


def compute(
    convention: str,
    saliency: Float[AnyArray, "B H W"],
    counts: Shaped[AnyArray, "B H W"],
    density: Float[AnyArray, "B H W"],
    mask: Bool[AnyArray, "B H W"],
    *,
    others: Shaped[AnyArray, "B H W"] | None = None,
    center_bias: Float[AnyArray, "B H W"] | None = None,
    limit: int | None = None,
    names: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Score a batch: a value per image [B] for each metric, nan where an image has no score.

    Args:
        convention: "mit", "tuebingen" or "salicon".
        saliency: The predictions [B, H, W].
        counts: How many fixations fall in each pixel [B, H, W].
        density: The empirical densities [B, H, W], any sum.
        mask: bool [B, H, W], True where a pixel counts.
        others: Counts of other images' fixations (see `shuffled`) [B, H, W], for sAUC.
        center_bias: A density [B, H, W], for IG.
        limit: At least the largest number of fixated pixels per image. It is computed where the
            arrays are at hand; where they are being traced it is the number of pixels.
        names: Some of the convention's metrics; by default all that the arguments allow but EMD.

    Raises:
        UserError: There is no such convention or metric, a metric lacks an argument, or a map holds
            the logarithms of a density.
    """
    _refuse_logs(mask, saliency=saliency, density=density, center_bias=center_bias)
    optional = {"others": others, "center_bias": center_bias}
    truth = {"counts": counts, "density": density, "mask": mask}
    return compute_checked(convention, saliency, truth, optional, limit, names)


def compute_checked(
    convention: str,
    saliency: AnyArray,
    truth: Mapping[str, AnyArray],
    optional: Mapping[str, AnyArray | None],
    limit: int | None,
    names: Sequence[str] | None,
) -> dict[str, Any]:
    """Score a batch as `compute` does, whose maps were looked at before they were put on a device.

    Args:
        convention: "mit", "tuebingen" or "salicon".
        saliency: See `compute`.
        truth: Its counts, density and mask.
        optional: Its others and center_bias.
        limit: See `compute`.
        names: See `compute`.

    Raises:
        UserError: There is no such convention or metric, or a metric lacks an argument.
    """
    given = {name: array for name, array in optional.items() if array is not None}
    names = _choose_names(convention, names, given)
    # The bound is static, so it cannot be computed from an array that is being traced.
    if limit is None and not isinstance(truth["counts"], jax.core.Tracer):
        limit = fixated_limit(truth["counts"])
    in_jax = tuple(name for name in names if name not in ON_HOST)
    scores = _compute(convention, in_jax, limit, saliency, {**given, **truth})
    if "EMD" in names:
        scores["EMD"] = _emd(saliency, truth["density"], truth["mask"])
    return {name: scores[name] for name in names}


def _refuse_logs(mask: AnyArray, **maps: AnyArray | None) -> None:
    """Refuse logarithms of densities among maps [B, H, W], unless they are being traced."""
    for name, values in maps.items():
        if values is None or isinstance(values, jax.core.Tracer):
            continue
        # A single pass tells of nearly every batch that there is nothing to look for.
        if np.asarray(values).min(initial=0) >= 0 or isinstance(mask, jax.core.Tracer):
            continue
        for number, (one, counted) in enumerate(
            zip(np.asarray(values), np.asarray(mask), strict=True)
        ):
            refuse_logs(one[counted], f"{name} of image {number}")


def _choose_names(
    convention: str, names: Sequence[str] | None, given: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the metrics to compute; a UserError where one needs what is not given."""
    if names is None:
        return default_names(convention, tuple(given))
    names = check_names(convention, names)
    missing: set[str] = set()
    for name in names:
        missing |= set(CONVENTIONS[convention][name].needs) & (OPTIONAL_NEEDS - set(given))
    if missing:
        raise UserError(f"give compute {' and '.join(sorted(missing))} for {', '.join(names)}")
    return names


def _emd(
    saliency: Float[AnyArray, "B H W"],
    density: Float[AnyArray, "B H W"],
    mask: Bool[AnyArray, "B H W"],
) -> Float[np.ndarray, " B"]:
    """Return the EMD of each image [B]; the pixels that count must form a rectangle."""
    arrays = (np.asarray(array) for array in (saliency, density, mask))
    values = []
    for s, g, m in zip(*arrays, strict=True):
        # The transport is over the grid of an image, so padding must be cut off, not masked.
        box = np.ix_(m.any(axis=1), m.any(axis=0))
        if not m[box].all():
            raise UserError("EMD needs a mask that is a rectangle; score the image without padding")
        values.append(emd(s[box], g[box]) if m.any() else np.nan)
    return np.asarray(values)


def fixated_limit(counts: Shaped[AnyArray, "B H W"]) -> int:
    """Return a bound on the fixated pixels per image, a power of two so that few shapes compile."""
    largest = int(np.count_nonzero(np.asarray(counts), axis=(1, 2)).max(initial=0))
    return max(MIN_LIMIT, 1 << (largest - 1).bit_length()) if largest else MIN_LIMIT


@partial(jax.jit, static_argnums=(0, 1, 2))
def _compute(
    convention: str,
    names: tuple[str, ...],
    limit: int | None,
    saliency: AnyArray,
    given: dict[str, Any],
) -> dict[str, Values]:
    """Compute the metrics that run in JAX; at least in float32, whatever the maps are."""
    # Half precision would lose the digits that NSS and KL need; float64 maps stay float64.
    dtype = jnp.promote_types(jnp.asarray(saliency).dtype, jnp.float32)
    arguments = {**given, "limit": limit}
    for name in ("density", "center_bias"):
        if name in arguments:
            arguments[name] = jnp.asarray(arguments[name], dtype)
    saliency = jnp.asarray(saliency, dtype)
    scores = {}
    for name in names:
        metric = CONVENTIONS[convention][name]
        scores[name] = metric.score(saliency, *(arguments[need] for need in metric.needs))
    return scores
