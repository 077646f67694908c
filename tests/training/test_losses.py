"""The loss against direct float64 definitions, and its edges: finite values, finite gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from samjax.training import losses

EPS = 1e-7
SHAPE = (3, 12, 16)


def batch(rng, shape=SHAPE):
    saliency = rng.random(shape).astype(np.float32)
    density = (rng.random(shape) ** 3).astype(np.float32)
    fixations = rng.poisson(0.1, shape).astype(np.float32)
    return saliency, density, fixations


def terms(saliency, density, fixations, mask=None, **kw):
    mask = np.ones(saliency.shape, bool) if mask is None else mask
    log_density = jnp.log(saliency + 1e-6)
    return losses.terms(jnp.asarray(saliency), log_density, density, fixations, mask, **kw)


def released_kl(s, y):
    p = s / s.max()
    p, y = p / (p.sum() + EPS), y / (y.sum() + EPS)
    return (y * np.log(y / (p + EPS) + EPS)).sum()


def released_cc(s, y):
    p = s / s.max() / (s / s.max()).sum()
    return np.corrcoef(p.ravel(), (y / y.sum()).ravel())[0, 1]


def released_nss(s, fixated):
    p = s / s.max()
    return ((p - p.mean()) / (p.std() + EPS))[fixated > 0].mean()


@pytest.mark.parametrize(
    ("name", "definition"), [("kl", released_kl), ("cc", released_cc), ("nss", released_nss)]
)
def test_terms_are_the_released_definitions(rng, name, definition):
    saliency, density, fixations = batch(rng)
    target = fixations if name == "nss" else density
    expected = [
        definition(s.astype(np.float64), t.astype(np.float64))
        for s, t in zip(saliency, target, strict=True)
    ]
    got = getattr(terms(saliency, density, fixations), name)
    np.testing.assert_allclose(got, expected, rtol=2e-5)


def test_total_has_the_papers_weights_and_signs(rng):
    values = terms(*batch(rng))
    expected = 10 * values.kl - 2 * values.cc - values.nss
    np.testing.assert_allclose(losses.total(values, losses.LossWeights()), expected, rtol=1e-6)


def test_collapsing_counts_a_cell_once(rng):
    saliency, density, fixations = batch(rng)
    doubled = fixations * rng.integers(1, 4, fixations.shape)
    once = terms(saliency, density, doubled.astype(np.float32)).nss
    np.testing.assert_array_equal(once, terms(saliency, density, fixations).nss)
    z = (saliency - saliency.mean((1, 2), keepdims=True)) / saliency.std((1, 2), keepdims=True)
    each = terms(saliency, density, doubled.astype(np.float32), collapse_repeats=False).nss
    np.testing.assert_allclose(each, (z * doubled).sum((1, 2)) / doubled.sum((1, 2)), rtol=1e-4)


def test_mask_equals_cropping(rng):
    saliency, density, fixations = batch(rng)
    mask = np.zeros(SHAPE, bool)
    mask[:, 2:9, 3:13] = True
    whole = terms(saliency, density, fixations, mask)
    part = terms(*(x[:, 2:9, 3:13] for x in (saliency, density, fixations)))
    for a, b in zip(whole, part, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_log_likelihood_is_the_mean_log_density_at_the_fixations(rng):
    saliency, density, fixations = batch(rng)
    p = (saliency + 1e-6).astype(np.float64)
    p /= p.sum((1, 2), keepdims=True)
    expected = (np.log(p) * fixations).sum((1, 2)) / fixations.sum((1, 2))
    got = terms(saliency, density, fixations).log_likelihood
    np.testing.assert_allclose(got, expected, rtol=1e-5)


BLANK, FLAT = np.zeros(SHAPE, np.float32), np.ones(SHAPE, np.float32)


@pytest.mark.parametrize("prediction", ["random", "blank", "flat"])
@pytest.mark.parametrize("target", ["random", "blank", "flat"])
@pytest.mark.parametrize("fixated", ["random", "blank"])
def test_value_and_gradient_are_finite_at_every_edge(rng, prediction, target, fixated):
    saliency, density, fixations = batch(rng)
    kinds = {"blank": BLANK, "flat": FLAT}
    saliency, density = kinds.get(prediction, saliency), kinds.get(target, density)
    fixations = kinds.get(fixated, fixations)

    def loss(s):
        return losses.total(terms(s, density, fixations), losses.LossWeights(10, -2, -1, -1)).sum()

    value, gradient = jax.value_and_grad(loss)(jnp.asarray(saliency))
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


def test_an_image_without_fixations_loses_only_the_nss_term(rng):
    saliency, density, fixations = batch(rng)
    without = terms(saliency, density, BLANK)
    assert not without.has_fixations.any()
    np.testing.assert_array_equal(without.nss, 0)
    np.testing.assert_array_equal(without.kl, terms(saliency, density, fixations).kl)


def test_gradient_is_that_of_finite_differences(rng):
    saliency, density, fixations = (x[:1] for x in batch(rng))
    direction = rng.standard_normal(saliency.shape)

    def released(s):
        s, y = s[0].astype(np.float64), density[0].astype(np.float64)
        return 10 * released_kl(s, y) - 2 * released_cc(s, y) - released_nss(s, fixations[0])

    def loss(s):
        return losses.total(terms(s, density, fixations), losses.LossWeights()).sum()

    step = 1e-6 * direction
    numeric = (released(saliency + step) - released(saliency - step)) / 2e-6
    gradient = jax.grad(loss)(jnp.asarray(saliency))
    np.testing.assert_allclose((gradient * direction).sum(), numeric, rtol=2e-3)
