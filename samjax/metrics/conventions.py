"""Which metrics a convention has, what each of them needs, and one call that computes them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from samjax.errors import UserError
from samjax.metrics import mit


class Metric(NamedTuple):
    """score(saliency, *needs) -> [B]; needs: names among the arguments of `compute`."""

    score: Callable[..., Array]
    needs: tuple[str, ...]


POINTS, MAP = ("fixations", "mask"), ("density", "mask")

CONVENTIONS: dict[str, dict[str, Metric]] = {
    "mit": {
        "NSS": Metric(mit.nss, POINTS),
        "CC": Metric(mit.cc, MAP),
        "SIM": Metric(mit.sim, MAP),
        "KL": Metric(mit.kl, MAP),
        "AUC_Judd": Metric(mit.auc_judd, (*POINTS, "limit")),
    },
}

LOWER_IS_BETTER = frozenset({"KL", "EMD"})


def metric_names(convention: str) -> tuple[str, ...]:
    """The convention's metrics in the order of tables; UserError for an unknown convention."""
    if convention not in CONVENTIONS:
        known = ", ".join(CONVENTIONS)
        raise UserError(f"there is no convention {convention!r}; the conventions are {known}")
    return tuple(CONVENTIONS[convention])


def compute(
    convention: str,
    saliency: Array,
    fixations: Array,
    density: Array,
    mask: Array,
    *,
    limit: int | None = None,
    names: Sequence[str] | None = None,
) -> dict[str, Array]:
    """Scores a batch: metric name -> [B], nan where an image has no score.

    saliency, fixations (counts), density [B, H, W] float; mask [B, H, W] bool. limit: at least the
    largest number of fixated pixels per image; found here where the arrays are at hand, and every
    pixel where they are being traced. names: some of the convention's metrics (default: all).
    """
    names = tuple(names) if names is not None else metric_names(convention)
    unknown = [name for name in names if name not in metric_names(convention)]
    if unknown:
        known = ", ".join(metric_names(convention))
        raise UserError(f"convention {convention} has no metric {unknown[0]!r}; it has {known}")
    if limit is None and not isinstance(fixations, jax.core.Tracer):
        limit = fixated_limit(fixations)
    return _compute(convention, names, limit, saliency, fixations, density, mask)


def fixated_limit(fixations: Array) -> int:
    """A static bound on the fixated pixels per image: a power of two, so few shapes compile."""
    most = int(np.count_nonzero(np.asarray(fixations), axis=(1, 2)).max(initial=0))
    return max(256, 1 << (most - 1).bit_length()) if most else 256


@partial(jax.jit, static_argnums=(0, 1, 2))
def _compute(convention, names, limit, saliency, fixations, density, mask) -> dict[str, Array]:
    dtype = jnp.promote_types(jnp.asarray(saliency).dtype, jnp.float32)
    given = {
        "fixations": fixations,
        "density": jnp.asarray(density, dtype),
        "mask": mask,
        "limit": limit,
    }
    saliency = jnp.asarray(saliency, dtype)
    metrics = CONVENTIONS[convention]
    return {
        name: metrics[name].score(saliency, *(given[need] for need in metrics[name].needs))
        for name in names
    }
