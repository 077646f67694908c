"""Metrics are averages over the images that have what a term needs, however they are batched."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from samjax.metrics import tuebingen
from samjax.training import losses
from samjax.training.losses import Terms
from samjax.training.metrics import BatchMetrics


def terms(values, has_density, has_fixations) -> Terms:
    """The same values for all terms."""
    values = jnp.asarray(values, jnp.float32)
    return Terms(*4 * (values,), jnp.asarray(has_density), jnp.asarray(has_fixations))


def test_an_image_counts_where_it_has_what_the_term_needs():
    values = terms([1, 2, 9], [True, False, True], [False, True, True])
    counted = jnp.array([True, True, False])  # the last row fills up the batch
    metrics = BatchMetrics.of(values, jnp.array([3.0, 5.0, 7.0]), counted)
    in_bits = pytest.approx(2 / math.log(2))
    assert metrics.compute() == {"loss": 4, "KL": 1, "CC": 1, "NSS": 2, "LL": in_bits}


def test_the_log_likelihood_of_training_is_that_of_the_evaluation_on_the_same_grid():
    rng = np.random.default_rng(0)
    density = rng.random((2, 6, 8)).astype(np.float32) + 0.1
    density /= density.sum(axis=(1, 2), keepdims=True)
    counts = rng.integers(0, 3, density.shape).astype(np.float32)
    inside = np.ones(density.shape, bool)
    values = losses.terms(density, np.log(density), density, counts, inside)
    shown = BatchMetrics.of(values, jnp.zeros(2), jnp.ones(2, bool)).compute()["LL"]
    assert shown == pytest.approx(
        float(tuebingen.ll(*map(jnp.asarray, (density, counts, inside))).mean()), rel=1e-5
    )
    even = np.full_like(density, 1 / 48)
    values = losses.terms(even, np.log(even), density, counts, inside)
    shown = BatchMetrics.of(values, jnp.zeros(2), jnp.ones(2, bool)).compute()["LL"]
    assert shown == pytest.approx(-math.log2(48), rel=1e-6)


def test_what_no_image_has_is_left_out():
    metrics = BatchMetrics.of(terms([1], [False], [True]), jnp.ones(1), jnp.array([True]))
    assert set(metrics.compute()) == {"loss", "NSS", "LL"}


def test_merged_batches_are_one_batch():
    rng = np.random.default_rng(0)
    values, loss = rng.random(7, np.float32), jnp.asarray(rng.random(7, np.float32))
    flags = rng.random((2, 7)) < 0.6

    def metrics_of(rows: slice) -> BatchMetrics:
        part = terms(values[rows], flags[0, rows], flags[1, rows])
        return BatchMetrics.of(part, loss[rows], jnp.ones(len(loss[rows]), bool), jnp.ones(()))

    whole = metrics_of(slice(None)).compute()
    merged = BatchMetrics.merge([metrics_of(slice(0, 3)), metrics_of(slice(3, None))]).compute()
    assert merged == pytest.approx(whole, rel=1e-6)  # float32 sums of seven numbers below 1
