"""SAM without some of its parts: the networks of the paper's ablations."""

import jax
import numpy as np
import pytest

from samjax.models import SAM
from samjax.models.sam import map_size

SIZE = (32, 48)
FULL = SAM(backbone="vgg_tiny", features=8, gaussians=4, timesteps=2, upsampling=2)


def sizes(sam: SAM) -> dict[str, int]:
    """Part -> number of parameters."""
    image = jax.ShapeDtypeStruct((1, *SIZE, 3), "uint8")
    params = jax.eval_shape(sam.init, jax.random.key(0), image)["params"]
    return {part: sum(leaf.size for leaf in jax.tree.leaves(p)) for part, p in params.items()}


def test_without_timesteps_there_is_no_recurrence():
    full, without = sizes(FULL), sizes(FULL.clone(timesteps=0))
    assert set(full) - set(without) == {"attentive_convlstm"}
    assert all(full[part] == without[part] for part in without)


def test_without_priors_the_blocks_lose_their_gaussians_and_their_channels():
    full, without = sizes(FULL), sizes(FULL.clone(gaussians=0))
    for block in ("prior_block1", "prior_block2"):
        gaussians, kernel = 4 * 4, 5 * 5 * 4 * 8
        assert full[block] - without[block] == gaussians + kernel


@pytest.mark.parametrize("backbone", ["vgg16", "resnet50"])
def test_a_plain_backbone_has_the_parameters_of_the_dilated_one_and_a_map_of_its_size(backbone):
    dilated = SAM(backbone=backbone, features=8, gaussians=2, timesteps=0)
    plain = dilated.clone(dilated=False)
    assert sizes(plain) == sizes(dilated)
    size = (128, 192)
    assert map_size(plain, size) == map_size(dilated, size)


@pytest.mark.parametrize("backbone", ["vgg16", "resnet50"])
def test_a_plain_backbone_is_the_published_one(backbone):
    """Its features are at stride 16 (VGG, whose last pool SAM leaves out) and 32 (ResNet)."""
    sam = SAM(backbone=backbone, features=8, gaussians=0, timesteps=1, dilated=False)
    image = jax.ShapeDtypeStruct((1, 128, 192, 3), "uint8")
    attention = jax.eval_shape(
        lambda image: sam.init_with_output(jax.random.key(0), image)[0].attention, image
    )
    stride = {"vgg16": 16, "resnet50": 32}[backbone]
    assert attention.shape[2:] == (128 // stride, 192 // stride)


@pytest.mark.parametrize("fields", [{"timesteps": 0, "dilated": False}, {"gaussians": 0}])
def test_every_variant_predicts_and_has_finite_gradients(fields):
    sam = FULL.clone(readout="density", priors="sigmoid", **fields)
    image = np.random.default_rng(0).integers(0, 256, (2, *SIZE, 3)).astype(np.uint8)
    # Drawn here, because compiling the network's own initialisation takes long.
    rng = np.random.default_rng(1)
    shapes = jax.eval_shape(sam.init, jax.random.key(1), image)
    variables = jax.tree.map(lambda s: rng.normal(0, 0.2, s.shape).astype(np.float32), shapes)

    def loss(params):
        return -sam.apply({**variables, "params": params}, image).log_density[:, 3, 5].sum()

    value, gradients = jax.jit(jax.value_and_grad(loss))(variables["params"])
    assert np.isfinite(value)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradients))
