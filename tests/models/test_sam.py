"""The whole network, in miniature, against the float64 reference and against itself."""

from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference
from tolerance import rounding
from weight_files import network

from samjax.models import SAM
from samjax.models.sam import map_size

TINY = ["vgg_tiny", "resnet_tiny"]
SIZE = (64, 80)
# The longest chain: at most 20 layers, the widest of 5 x 5 x (24 + 4) products, and twice as many
# sums in four timesteps, whose gates are up to 20 times as large as the states; see
# test_attentive_convlstm. The issue that asked for parity with the release demanded 1e-4.
TOLERANCE = 1e-4
SAME_ARITHMETIC = rounding(25 * 28)  # the same sums, taken apart in another way


def picture(rng, *size):
    """A smooth random uint8 image [H, W, 3]."""
    coarse = rng.uniform(0, 255, (size[0] // 8 + 2, size[1] // 8 + 2, 3))
    fine = np.kron(coarse, np.ones((8, 8, 1)))[: size[0], : size[1]]
    return np.uint8(np.clip(fine + rng.normal(0, 20, (*size, 3)), 0, 255))


def run(fields, variables, images, **kwargs):
    model = SAM(**{**fields, **kwargs})
    return jax.jit(lambda v, x: model.apply(v, x, all_timesteps=True))(variables, images)


@lru_cache
def three_images():
    """Three images, and what the tiny VGG predicts for all of them at once in three timesteps."""
    rng = np.random.default_rng(0)
    images = np.stack([picture(rng, *SIZE) for _ in range(3)])
    fields, _, variables = network("vgg_tiny")
    return images, run(fields, variables, images, timesteps=3)


def assert_is_reference(output, expected):
    """Within TOLERANCE of the range: the map, the attention, the states and the priors."""
    pairs = [
        (output.saliency[0], expected["map"]),
        (output.attention[0], expected["attention"]),
        (output.hidden[0].transpose(0, 3, 1, 2), expected["hidden"]),
    ]
    for got, wanted in zip(output.priors, expected["priors"], strict=True):
        pairs.append((got.transpose(2, 0, 1), wanted))
    for got, wanted in pairs:
        assert np.ptp(wanted) > 0
        np.testing.assert_allclose(got, wanted, rtol=0, atol=TOLERANCE * np.ptp(wanted))


@pytest.mark.parametrize("backbone", TINY)
@pytest.mark.parametrize(
    ("size", "timesteps", "backend"),
    [
        ((61, 77), 4, "xla"),
        ((88, 64), 1, "cpu"),
        pytest.param((240, 320), 4, "cpu", marks=pytest.mark.slow),
    ],
)
def test_maps_attention_and_priors_are_the_references(rng, backbone, size, timesteps, backend):
    fields, layers, variables = network(backbone)
    image = picture(rng, *size)
    output = run(fields, variables, image[None], timesteps=timesteps, backend=backend)
    assert_is_reference(output, reference.sam(image, layers, timesteps))


def test_changing_timesteps_changes_no_parameter_shape():
    def tree(timesteps):
        model = SAM(**{**network("vgg_tiny").fields, "timesteps": timesteps})
        return jax.eval_shape(model.init, jax.random.key(0), jnp.zeros((1, 32, 32, 3)))

    assert jax.tree.map(jnp.shape, tree(1)) == jax.tree.map(jnp.shape, tree(7))


def test_every_timestep_is_a_run_with_that_many_timesteps():
    fields, _, variables = network("vgg_tiny")
    images, output = three_images()
    shorter = run(fields, variables, images, timesteps=2)
    for got, expected in (
        (output.timestep_saliency[:, :2], shorter.timestep_saliency),
        (output.timestep_saliency[:, 1], shorter.saliency),
        (output.attention[:, :2], shorter.attention),
    ):
        np.testing.assert_allclose(got, expected, atol=SAME_ARITHMETIC * np.max(expected))
    np.testing.assert_array_equal(output.timestep_saliency[:, 2], output.saliency)


def test_an_image_has_the_same_map_in_any_batch():
    fields, _, variables = network("vgg_tiny")
    images, output = three_images()
    alone = run(fields, variables, images[1:2], timesteps=3).saliency
    np.testing.assert_allclose(
        output.saliency[1:2], alone, atol=SAME_ARITHMETIC * np.max(output.saliency)
    )


@pytest.mark.parametrize(
    ("size", "vgg", "resnet"),
    [
        ((240, 320), (480, 640), (480, 640)),
        ((180, 320), (368, 640), (368, 640)),
        ((122, 157), (240, 320), (256, 320)),
        ((320, 240), (640, 480), (640, 480)),
    ],
)
def test_map_size_follows_the_backbones_rounding(size, vgg, resnet):
    # The recurrence changes no size, and takes a second to trace.
    sizes = [map_size(SAM(**{**network(b).fields, "timesteps": 0}), size) for b in TINY]
    assert sizes == [vgg, resnet]


def test_bfloat16_keeps_maps_float32_and_close():
    fields, _, variables = network("vgg_tiny")
    images, single = three_images()
    half = run(fields, variables, images, timesteps=3, dtype=jnp.bfloat16)
    for leaf in (half.saliency, half.log_density, half.attention, *half.priors):
        assert leaf.dtype == jnp.float32
    assert half.hidden.dtype == jnp.bfloat16
    cc = np.corrcoef(np.ravel(single.saliency), np.ravel(half.saliency))[0, 1]
    assert cc > 0.999


def test_bfloat16_keeps_parameters_and_maps_of_a_resnet_float32():
    model = SAM(**{**network("resnet_tiny").fields, "dtype": jnp.bfloat16})
    images = jnp.zeros((1, 32, 32, 3))

    def leaves():
        return jax.tree.leaves(model.init_with_output(jax.random.key(0), images))

    assert {leaf.dtype for leaf in jax.eval_shape(leaves)} == {np.dtype("float32")}


def test_strict_rank_promotion_is_on():
    with pytest.raises(ValueError, match="rank"):
        jnp.ones((2, 3)) + jnp.ones(3)
