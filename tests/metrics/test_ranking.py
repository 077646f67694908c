"""Ranks of pixels among the fixated values, against brute force."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from samjax.metrics.ranking import group_sizes, rank, rank_area, rank_pixels

FIXATED = [0.1, 0.3, 0.3, 0.3, 0.9]
LIMIT = 40


@pytest.fixture
def image(rng):
    """Values with many ties, fixations per pixel, and how often each pixel is a negative."""
    values = np.round(rng.random(200) * 30).astype(np.float32)
    counts = np.zeros(200, np.int32)
    counts[rng.permutation(200)[:37]] = rng.integers(1, 4, 37)
    return values, counts, rng.integers(0, 3, 200, dtype=np.int32)


def test_area_is_that_of_all_pairs(image):
    values, counts, negatives = image
    positive, negative = np.repeat(values, counts), np.repeat(values, negatives)
    above = positive[:, None] > negative
    tied = positive[:, None] == negative
    area = jax.jit(lambda v, c, n: rank_area(rank_pixels(v, c, LIMIT), n))(*image)
    assert float(area) == pytest.approx(np.mean(above + tied / 2), rel=1e-6)


# 500 normal numbers to values whose differences are of one or of all magnitudes.
SPREADS = {
    "neighbours in float32": lambda rng, numbers: 1 + numbers * 2e-7,
    "all but one in one bucket": lambda rng, numbers: np.append(np.abs(numbers) * 1e-6, 1e3),
    "of every magnitude": lambda rng, numbers: numbers * 10.0 ** rng.integers(-30, 30, 500),
    "as large as float32 has": lambda rng, numbers: (
        np.clip(numbers, -1, 1) * np.finfo(np.float32).max
    ),
    "constant": lambda rng, numbers: np.full(500, 0.25),
}


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("fixated", [1, 63, 64])
def test_places_are_exact_however_the_values_are_spread(rng, spread, fixated):
    values = SPREADS[spread](rng, rng.standard_normal(500)).astype(np.float32)
    counts = np.zeros(len(values), np.int32)
    counts[rng.permutation(len(values))[:fixated]] = 1
    places = jax.jit(rank_pixels, static_argnums=2)(values, counts, 64)
    ordered = np.sort(values[counts > 0])
    place = np.searchsorted(ordered, values)
    tied = ordered[np.minimum(place, fixated - 1)] == values
    np.testing.assert_array_equal(places.slot, 2 * place + tied)


def test_every_pixel_is_between_or_equal():
    values = jnp.asarray([*FIXATED, 0.0, 0.2, 0.3, 1.0, 2.0], jnp.float32)
    counts = jnp.asarray([1] * len(FIXATED) + [0] * 5)

    @jax.jit
    def ranked(values, counts):
        places = rank_pixels(values, counts, 6)
        return places, rank(places, (counts == 0).astype(jnp.int32)), group_sizes(places)

    places, ranks, sizes = ranked(values, counts)
    assert int(places.num_fixated) == 5
    np.testing.assert_array_equal(ranks.between, [1, 1, 0, 0, 0, 2, 0])
    np.testing.assert_array_equal(ranks.equal, [0, 1, 0, 0, 0, 0])
    np.testing.assert_array_equal(sizes, [1, 3, 0, 0, 1, 0])
