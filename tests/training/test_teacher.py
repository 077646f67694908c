"""Distillation: the divergence, the blends, and a run that follows its teacher."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tiny_training import tiny_config

from samjax.errors import UserError
from samjax.training import losses
from samjax.training.config import read_experiment
from samjax.training.steps import TEACHER, image_losses
from samjax.training.teacher import blend, read_teacher

SIZE = (6, 8)


def test_the_divergence_is_the_definition_in_float64_within_the_mask(rng):
    prediction, target = rng.normal(size=(2, 3, *SIZE))
    mask = rng.random((3, *SIZE)) < 0.7
    p, q = (np.where(mask, np.exp(x), 0) for x in (prediction, target))
    p, q = (x / x.sum(axis=(1, 2), keepdims=True) for x in (p, q))
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.where(mask, q * np.log(q / p), 0).sum(axis=(1, 2))
    actual = losses.divergence(jnp.float32(prediction), jnp.float32(target), jnp.array(mask))
    # Sums of 48 products of float32.
    np.testing.assert_allclose(actual, expected, rtol=1e-5)
    same = losses.divergence(jnp.float32(target), jnp.float32(target + 3), jnp.array(mask))
    np.testing.assert_allclose(same, 0, atol=1e-6)


def batch(rng, size=5):
    return {
        "image": rng.integers(0, 256, (size, *SIZE, 3)).astype(np.uint8),
        "density": rng.random((size, *SIZE)).astype(np.float32),
        "counts": rng.poisson(1.0, (size, *SIZE)).astype(np.float32),
        "mask": rng.random((size, *SIZE)) < 0.5,
        "index": np.arange(size),
    }


def test_blends_mix_two_images_and_forget_what_people_did(rng):
    before = batch(rng)
    after = blend(before, 1.0, jax.random.key(0))
    middle = 2  # its partner would be itself
    for name in before:
        np.testing.assert_array_equal(after[name][middle], before[name][middle])
    for i in (0, 1, 3, 4):
        one, other = (before["image"][k].astype(float) for k in (i, 4 - i))
        share = np.vdot(after["image"][i] - other, one - other) / np.vdot(one - other, one - other)
        assert 0.29 < share < 0.71
        # Rounded to whole grey levels.
        np.testing.assert_allclose(after["image"][i], share * one + (1 - share) * other, atol=0.6)
        assert not after["density"][i].any()
        assert not after["counts"][i].any()
        np.testing.assert_array_equal(after["mask"][i], before["mask"][i] | before["mask"][4 - i])
    np.testing.assert_array_equal(after["index"], before["index"])


def test_a_fraction_of_the_images_is_blended_by_the_key(rng):
    before = batch(rng, 400)

    def blended(key):
        after = blend(before, 0.25, jax.random.key(key))
        return ~np.asarray(after["counts"]).any(axis=(1, 2))

    # 400 draws of 1/4: a standard deviation is 0.022.
    assert 0.15 < blended(0).mean() < 0.35
    np.testing.assert_array_equal(blended(0), blended(0))
    assert (blended(0) != blended(1)).any()


@pytest.fixture
def taught(scenes, trained_workdir):
    """The experiment of a network that the shared miniature teaches."""
    config = tiny_config(scenes)
    config.distill.update(teacher=str(trained_workdir), weight=3.0)
    return config


def test_the_teachers_own_map_costs_nothing_and_another_one_costs(taught, rng):
    experiment = read_experiment(taught, jax.devices()[:1])
    teacher = read_teacher(experiment)
    images = rng.integers(0, 256, (2, 32, 40, 3)).astype(np.uint8)
    grid = experiment.canvases[0].map
    truth = {name: jnp.zeros((2, *grid)) for name in ("density", "counts")}
    data = {"image": images, "mask": jnp.ones((2, *grid), bool), **truth}
    data = jax.jit(teacher)(data, teacher.variables, jax.random.key(0))
    output = jax.jit(experiment.model.apply)(teacher.variables[0], images)
    # Nobody looked at these images, so that only the teacher's part of the loss is left.
    np.testing.assert_allclose(image_losses(output, data, experiment.loss)[1], 0, atol=1e-5)
    flat = data | {TEACHER: jnp.zeros_like(data[TEACHER])}
    uniform = -np.log(np.prod(grid))
    expected = 3.0 * (uniform - np.asarray(output.log_density).mean(axis=(1, 2)))
    actual = image_losses(output, flat, experiment.loss)[1]
    # Differences of logarithms, each with a relative rounding of about 1e-6.
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5 * 3.0 * abs(uniform))


def test_a_teacher_with_maps_of_another_size_is_refused(taught):
    taught.model.upsampling = 2
    experiment = read_experiment(taught, jax.devices()[:1])
    with pytest.raises(UserError, match="give both the same model"):
        read_teacher(experiment)


def test_several_teachers_teach_the_mean_of_their_densities(taught, rng):
    folder = taught.distill.teacher
    experiment = read_experiment(taught, jax.devices()[:1])
    single = read_teacher(experiment)
    taught.distill.teacher = f"{folder}, {folder}"
    pair = read_teacher(read_experiment(taught, jax.devices()[:1]))
    # The second teacher gets other parameters, so that the two disagree.
    first = jax.tree.map(jnp.asarray, single.variables[0])
    second = jax.tree.map(lambda leaf: leaf * 0.5, first)
    data = {"image": jnp.asarray(rng.integers(0, 256, (2, 32, 40, 3)), jnp.uint8)}
    key = jax.random.key(0)
    one, both = jax.jit(single), jax.jit(pair)
    densities = [np.exp(np.float64(one(data, (own,), key)[TEACHER])) for own in (first, second)]
    assert abs(densities[0] - densities[1]).max() > 1e-3 * densities[0].max()
    actual = np.exp(np.float64(both(data, (first, second), key)[TEACHER]))
    # Logarithms near 7 with a relative rounding of about 1e-6.
    np.testing.assert_allclose(actual, np.mean(densities, axis=0), rtol=1e-5)


def test_a_missing_name_of_a_teacher_is_refused(taught):
    taught.distill.teacher = f"{taught.distill.teacher},"
    with pytest.raises(UserError, match="beside a comma"):
        read_experiment(taught, jax.devices()[:1])
