"""Averages over the images of batches: `of` one batch, `merge` several, `compute` the values.

A metric is kept as a sum and a count until the end, so that padding rows do not count, an image
without what a term needs does not count, and the number of processes and batches changes nothing.

LL, the log-likelihood, is in nats where it is a term of the loss, and in bits per fixation in
everything that is shown, written or compared, as in the scores of `samjax.evaluation`; it becomes
bits in `compute` and nowhere else. It is the mean of log2 p at the fixations with p the probability
of a CELL OF THE MAP'S GRID, so the even density has -log2(cells of the image's content). A score
of the evaluation takes p of a PIXEL of the original stimulus, which is smaller: where the density
is smooth, that LL lies below this one by log2(pixels / cells). Values of LL therefore compare
between networks only where their maps have the same size, and not with the evaluation's; the
difference of two values is free of the grid, and so is which of two checkpoints is better.
"""

import math
from collections.abc import Sequence

import flax.struct
import jax
import jax.numpy as jnp

from samjax.training.losses import Terms

# Field of `BatchMetrics`: its name in logs and tables.
NAMES = {
    "loss": "loss",
    "kl": "KL",
    "cc": "CC",
    "nss": "NSS",
    "log_likelihood": "LL",
    "gradient_norm": "gradient_norm",
}
# What a value is divided by to be in the unit in which it is shown; 1 for all others.
UNITS = {"log_likelihood": math.log(2)}  # from nats to bits
# Whether a larger value of a score that training can monitor is better.
DIRECTION = {"loss": -1, "KL": -1, "CC": 1, "NSS": 1, "LL": 1}


@flax.struct.dataclass
class Mean:
    """A mean as a sum and a count; both scalars."""

    total: jax.Array
    count: jax.Array

    @classmethod
    def where(cls, values: jax.Array, counted: jax.Array) -> "Mean":
        """Return the mean of values [B] where counted [B] is true."""
        return cls(jnp.where(counted, values, 0.0).sum(), counted.sum())


@flax.struct.dataclass
class BatchMetrics:
    """The metrics of one batch, or of several merged ones."""

    loss: Mean
    kl: Mean  # nats
    cc: Mean
    nss: Mean
    log_likelihood: Mean  # nats per fixation, at the map's resolution; bits when computed
    gradient_norm: Mean | None = None  # of training steps

    @classmethod
    def of(
        cls,
        terms: Terms,
        loss: jax.Array,
        counted: jax.Array,
        gradient_norm: jax.Array | None = None,
    ) -> "BatchMetrics":
        """Return the metrics of a batch.

        Args:
            terms: One value of each term per image, [B].
            loss: [B].
            counted: [B] bool, False for rows that only fill up the batch.
            gradient_norm: Of the batch, a scalar.
        """
        with_density = counted & terms.has_density
        with_fixations = counted & terms.has_fixations
        return cls(
            loss=Mean.where(loss, counted),
            kl=Mean.where(terms.kl, with_density),
            cc=Mean.where(terms.cc, with_density),
            nss=Mean.where(terms.nss, with_fixations),
            log_likelihood=Mean.where(terms.log_likelihood, with_fixations),
            gradient_norm=None if gradient_norm is None else Mean(gradient_norm, jnp.ones(())),
        )

    @staticmethod
    def merge(metrics: Sequence["BatchMetrics"]) -> "BatchMetrics":
        """Return the metrics of several batches together, as numbers of the host in float64."""
        return jax.tree.map(lambda *values: sum(float(v) for v in values), *metrics)

    def compute(self) -> dict[str, float]:
        """Return the averages by name, in the units that are shown; what no image had is left out.

        KL is in nats, LL in bits per fixation.
        """
        averages = {}
        for field, name in NAMES.items():
            mean = getattr(self, field)
            if mean is not None and mean.count > 0:
                averages[name] = float(mean.total) / float(mean.count) / UNITS.get(field, 1.0)
        return averages
