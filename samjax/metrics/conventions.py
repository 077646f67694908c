"""Which metrics a convention has, what each of them needs, and one call that computes them."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from samjax.errors import UserError
from samjax.metrics import mit, salicon, tuebingen
from samjax.metrics.emd import emd


class Metric(NamedTuple):
    """score(saliency, *needs) -> [B]; needs: names among the arguments of `compute`."""

    score: Callable[..., Array]
    needs: tuple[str, ...]


POINTS, MAP = ("fixations", "mask"), ("density", "mask")
SHUFFLED, GAIN = ("fixations", "others", "mask"), ("fixations", "center_bias", "mask")

CONVENTIONS: dict[str, dict[str, Metric]] = {
    "mit": {
        "NSS": Metric(mit.nss, POINTS),
        "CC": Metric(mit.cc, MAP),
        "SIM": Metric(mit.sim, MAP),
        "KL": Metric(mit.kl, MAP),
        "AUC_Judd": Metric(mit.auc_judd, (*POINTS, "limit")),
        "AUC_Borji": Metric(mit.auc_borji, POINTS),
        "sAUC": Metric(mit.sauc, SHUFFLED),
        "IG": Metric(mit.ig, GAIN),
        "EMD": Metric(emd, MAP),
    },
    "tuebingen": {
        "NSS": Metric(tuebingen.nss, POINTS),
        "CC": Metric(mit.cc, MAP),  # all conventions agree on it
        "SIM": Metric(tuebingen.sim, MAP),
        "KL": Metric(tuebingen.kl, MAP),
        "AUC": Metric(tuebingen.auc, (*POINTS, "limit")),
        "AUC_Judd": Metric(tuebingen.auc_judd, (*POINTS, "limit")),
        "sAUC": Metric(tuebingen.sauc, (*SHUFFLED, "limit")),
        "IG": Metric(tuebingen.ig, GAIN),
        "LL": Metric(tuebingen.ll, POINTS),
    },
    "salicon": {
        "NSS": Metric(tuebingen.nss, POINTS),
        "CC": Metric(mit.cc, MAP),
        "AUC_Borji": Metric(salicon.auc_borji, POINTS),
        "sAUC": Metric(salicon.sauc, SHUFFLED),
    },
}

LOWER_IS_BETTER = frozenset({"KL", "EMD"})
ON_HOST = frozenset({"EMD"})  # slow, no JAX, and asks where a pixel lies: only on request


def metric_names(convention: str) -> tuple[str, ...]:
    """The convention's metrics in the order of tables; UserError for an unknown convention."""
    if convention not in CONVENTIONS:
        known = ", ".join(CONVENTIONS)
        raise UserError(f"there is no convention {convention!r}; the conventions are {known}")
    return tuple(CONVENTIONS[convention])


def check_names(convention: str, names: Sequence[str]) -> tuple[str, ...]:
    """The names as a tuple; UserError names the first that the convention lacks."""
    unknown = [name for name in names if name not in metric_names(convention)]
    if unknown:
        known = ", ".join(metric_names(convention))
        raise UserError(f"convention {convention} has no metric {unknown[0]!r}; it has {known}")
    return tuple(names)


def default_names(convention: str, given: Sequence[str]) -> tuple[str, ...]:
    """The convention's metrics that need no more than what is `given` beside the basic maps."""
    missing = {"others", "center_bias"} - set(given)
    metrics = CONVENTIONS[convention]
    return tuple(
        name
        for name in metric_names(convention)
        if name not in ON_HOST and not missing & set(metrics[name].needs)
    )


def compute(
    convention: str,
    saliency: Array,
    fixations: Array,
    density: Array,
    mask: Array,
    *,
    others: Array | None = None,
    center_bias: Array | None = None,
    limit: int | None = None,
    names: Sequence[str] | None = None,
) -> dict[str, Array]:
    """Scores a batch: metric name -> [B], nan where an image has no score.

    saliency, fixations (counts), density [B, H, W] float; mask [B, H, W] bool. others: counts of
    other images' fixations (`shuffled`), for sAUC; center_bias: a density, for IG. limit: at least
    the largest number of fixated pixels per image; found here where the arrays are at hand, and
    every pixel where they are being traced. names: some of the convention's metrics (default: all
    that what is given allows, but not EMD, which is slow and cannot be traced).
    """
    given = {"others": others, "center_bias": center_bias}
    given = {name: value for name, value in given.items() if value is not None}
    if names is None:
        metric_names(convention)  # an unknown convention has its own error
        names = default_names(convention, tuple(given))
    names = check_names(convention, names)
    lacking = {n for name in names for n in CONVENTIONS[convention][name].needs} & (
        {"others", "center_bias"} - set(given)
    )
    if lacking:
        raise UserError(f"give compute {' and '.join(sorted(lacking))} for {', '.join(names)}")
    if limit is None and not isinstance(fixations, jax.core.Tracer):
        limit = fixated_limit(fixations)
    jitted = tuple(name for name in names if name not in ON_HOST)
    given |= {"fixations": fixations, "density": density, "mask": mask}
    scores = _compute(convention, jitted, limit, saliency, given)
    if "EMD" in names:
        scores["EMD"] = _emd(saliency, density, mask)
    return {name: scores[name] for name in names}


def _emd(saliency: Array, density: Array, mask: Array) -> np.ndarray:
    """EMD of each image [B]; what counts of an image must be a rectangle."""
    values = []
    for s, g, m in zip(*(np.asarray(a) for a in (saliency, density, mask)), strict=True):
        box = np.ix_(m.any(axis=1), m.any(axis=0))
        if not m[box].all():
            raise UserError("EMD needs a mask that is a rectangle; score the image without padding")
        values.append(emd(s[box], g[box]) if m.any() else np.nan)
    return np.asarray(values)


def fixated_limit(fixations: Array) -> int:
    """A static bound on the fixated pixels per image: a power of two, so few shapes compile."""
    most = int(np.count_nonzero(np.asarray(fixations), axis=(1, 2)).max(initial=0))
    return max(256, 1 << (most - 1).bit_length()) if most else 256


@partial(jax.jit, static_argnums=(0, 1, 2))
def _compute(convention, names, limit, saliency, given) -> dict[str, Array]:
    dtype = jnp.promote_types(jnp.asarray(saliency).dtype, jnp.float32)
    maps = {k: jnp.asarray(v, dtype) for k, v in given.items() if k in ("density", "center_bias")}
    given = {**given, **maps, "limit": limit}
    saliency = jnp.asarray(saliency, dtype)
    metrics = CONVENTIONS[convention]
    return {
        name: metrics[name].score(saliency, *(given[need] for need in metrics[name].needs))
        for name in names
    }
