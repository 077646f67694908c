"""Losses of single timesteps: weights, targets of their own, and what a config may ask for."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tiny_model import INPUT, SAM_TINY, tiny_model, tiny_variables

from configs import base
from samjax.errors import UserError
from samjax.training import losses, steps
from samjax.training.config_check import check_config

MODEL = tiny_model()
SAM = SAM_TINY.clone(timesteps=3)
WEIGHTS = losses.LossWeights()
MAP, VARIABLES = MODEL.map_size, tiny_variables()


@pytest.fixture(scope="module")
def batch():
    rng = np.random.default_rng(0)
    return {
        "image": rng.integers(0, 256, (2, *INPUT, 3)).astype(np.uint8),
        "density": rng.random((2, *MAP)).astype(np.float32),
        "counts": rng.poisson(0.3, (2, *MAP)).astype(np.float32),
        "mask": np.ones((2, *MAP), bool),
    }


@pytest.fixture(scope="module")
def output(batch):
    return jax.jit(lambda v, x: SAM.apply(v, x, all_timesteps=True))(VARIABLES, batch["image"])


def alone(output, batch, t: int, density=None, fixations=None):
    """The loss of one timestep's map, [B]."""
    values = losses.terms(
        output.timestep_saliency[:, t],
        output.timestep_log_density[:, t],
        batch["density"] if density is None else density,
        batch["counts"] if fixations is None else fixations,
        batch["mask"],
        False,
    )
    return losses.total(values, WEIGHTS)


def per_image(output, batch, timestep_weights):
    loss = losses.LossOptions(WEIGHTS, timestep_weights)
    return steps.image_losses(output, batch, loss)[1]


def test_the_loss_is_the_weighted_sum_of_the_timesteps_losses(output, batch):
    weights = (0.5, 0.0, 2.0)
    expected = sum(w * alone(output, batch, t) for t, w in enumerate(weights))
    np.testing.assert_allclose(per_image(output, batch, weights), expected, rtol=1e-5)


def test_weight_on_the_last_timestep_alone_is_the_default(output, batch):
    default = per_image(output, batch, ())
    np.testing.assert_allclose(per_image(output, batch, (0.0, 0.0, 1.0)), default, rtol=1e-6)


def test_each_timestep_has_its_own_target(output, batch):
    rng = np.random.default_rng(1)
    density = rng.random((2, 3, *MAP)).astype(np.float32)
    fixations = rng.poisson(0.3, (2, 3, *MAP)).astype(np.float32)
    own = {**batch, "timestep_density": density, "timestep_counts": fixations}
    expected = sum(
        alone(output, batch, t, density[:, t], fixations[:, t]) for t in range(SAM.timesteps)
    )
    np.testing.assert_allclose(per_image(output, own, (1.0, 1.0, 1.0)), expected, rtol=1e-5)


def test_an_early_timesteps_loss_reaches_the_parameters(batch):
    def loss(params):
        out = SAM.apply({**VARIABLES, "params": params}, batch["image"], all_timesteps=True)
        return jnp.sum(per_image(out, batch, (1.0, 0.0, 0.0)))

    gradients = jax.jit(jax.grad(loss))(VARIABLES["params"])
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradients))
    assert any(np.abs(leaf).max() > 0 for leaf in jax.tree.leaves(gradients["readout"]))


@pytest.mark.parametrize(
    ("timesteps", "durations", "says"),
    [
        ((1.0, 1.0), (), "2 values for 3 timesteps"),
        ((), (500.0, 1000.0, 3000.0), "each needs a weight"),
        ((1.0, 1.0, 1.0), (500.0,), "1 values for 3 timesteps"),
        ((0.0, 0.0, 0.0), (), "are all 0"),
    ],
)
def test_what_does_not_fit_the_timesteps_is_refused(timesteps, durations, says):
    config = base.get_config()
    config.model.timesteps = 3
    config.loss.timestep_weights, config.loss.viewing_times_ms = timesteps, durations
    with pytest.raises(UserError, match=says):
        check_config(config)
