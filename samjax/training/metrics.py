"""Averages over the images of batches: `of` one batch, `merge` several, `compute` the values.

A metric is kept as a sum and a count until the end, so that padding rows do not count, an image
without what a term needs does not count, and the number of processes and batches changes nothing.
"""

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
    log_likelihood: Mean  # nats per fixation, at the map's resolution
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
        """Return the averages by name; what no image had is left out."""
        means = {name: getattr(self, field) for field, name in NAMES.items()}
        return {
            name: float(mean.total) / float(mean.count)
            for name, mean in means.items()
            if mean is not None and mean.count > 0
        }
