"""What the values of a map mean: recognised, asked about, or converted as was said."""

import jax.numpy as jnp
import numpy as np
import pytest

from samjax.errors import UserError
from samjax.metrics import compute
from samjax.metrics.map_values import as_kind, check_density, log_base, refuse_logs
from samjax.metrics.optimal import optimal_maps


@pytest.fixture
def density(rng):
    values = rng.random((20, 30)) + 0.01
    return (values / values.sum()).astype(np.float32)


def test_logarithms_are_recognised_by_their_base(density):
    assert log_base(np.log(density)) == "e"
    assert log_base(np.log2(density)) == "2"
    assert log_base(np.log10(density)) == "10"
    for other in (density, -density, np.log(density) + 1, np.log(density) - 1, density - 1):
        assert log_base(other) == ""


def test_plain_maps_are_taken_as_they_are(density):
    for values in (density, density * 255, np.zeros_like(density), np.ones_like(density)):
        checked = as_kind(values, None)
        assert checked.values is values
        assert checked.is_blank == (values.max() == values.min())


@pytest.mark.parametrize("change", [np.log, np.log2, np.negative, lambda d: d - d.mean()])
@pytest.mark.parametrize("kind", [None, "density"])
def test_negative_values_are_asked_about(density, change, kind):
    with pytest.raises(UserError, match="--values=log-density"):
        as_kind(change(density), kind)


def test_what_was_said_is_done(density):
    logs = np.log(density)
    np.testing.assert_allclose(as_kind(logs, "log-density").values, density, rtol=1e-5)
    np.testing.assert_allclose(as_kind(logs - 3, "log-density", True).values, density, rtol=1e-5)
    np.testing.assert_allclose(as_kind(density * 9, "density", True).values, density, rtol=1e-5)
    np.testing.assert_array_equal(as_kind(logs, "saliency").values, logs - logs.min())
    logs[0, :5] = -np.inf  # nobody can look there
    assert (as_kind(logs, "log-density", True).values[0, :5] == 0).all()


@pytest.mark.parametrize(
    ("values", "kind", "says"),
    [
        (lambda d: d * 3, "density", r"sums to 3, .*--normalise"),
        (lambda d: d * 0, "density", "zero everywhere"),
        (lambda d: np.log(d) - 1, "log-density", "sum to e.*--normalise"),
        (lambda d: np.log2(d), "log-density", "logarithms to base 2"),
        (lambda d: d, "log-density", "holds no log densities"),
        (lambda d: d / 0.0, None, "not finite"),
        (lambda d: np.full_like(d, np.nan), "log-density", "not finite"),
        (lambda d: np.full_like(d, -np.inf), "log-density", "holds no log densities"),
    ],
)
def test_what_is_not_what_was_said_is_refused(density, values, kind, says):
    with np.errstate(divide="ignore"), pytest.raises(UserError, match=says):
        as_kind(values(density), kind)


def test_the_python_functions_refuse_logarithms(density):
    logs = np.log(density)
    counts = np.zeros_like(density)
    counts[3, 4] = 1
    mask = np.ones(density.shape, bool)
    for array in (np.asarray, jnp.asarray):
        maps = [array(values)[None] for values in (logs, counts, density, mask)]
        with pytest.raises(UserError, match="saliency of image 0 holds logarithms"):
            compute("mit", *maps, names=("NSS",))
    with pytest.raises(UserError, match="center_bias of image 0 holds logarithms"):
        compute("mit", density[None], *maps[1:], center_bias=logs[None], names=("IG",))
    with pytest.raises(UserError, match="the prediction holds logarithms"):
        optimal_maps(logs, 3, 10)
    # A padded map is a log density where it counts.
    padded = np.pad(logs, ((0, 0), (0, 5)))
    inside = np.pad(mask, ((0, 0), (0, 5)))
    with pytest.raises(UserError, match="holds logarithms"):
        compute("mit", padded[None], np.pad(counts, ((0, 0), (0, 5)))[None], padded[None] * 0,
                inside[None], names=("NSS",))  # fmt: skip


def test_other_negative_values_are_scored_as_the_convention_says(density):
    counts = (density > density.mean()).astype(np.float32)[None]
    mask = np.ones_like(counts, bool)
    shifted = [compute("mit", (density + s)[None], counts, counts, mask, names=("NSS",))["NSS"]
               for s in (0, -0.5)]  # fmt: skip
    np.testing.assert_allclose(*shifted, rtol=1e-3)


@pytest.mark.parametrize("bad", [-1.0, 0.0, np.nan])
def test_what_is_no_density_is_named(bad):
    with pytest.raises(UserError, match=r"^this "):
        check_density(np.full((3, 4), bad, np.float32), "this")
    refuse_logs(np.full((3, 4), 1.0), "this")
