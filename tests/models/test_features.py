"""The head on a backbone's features is the whole network on the images."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from tiny_model import INPUT, SAM_TINY, tiny_variables

from samjax.models.features import backbone_features, feature_shape


def test_the_head_on_features_is_the_network_on_images():
    images = np.random.default_rng(0).integers(0, 256, (2, *INPUT, 3)).astype(np.uint8)
    variables = tiny_variables()

    @jax.jit
    def maps(variables, images, features=None):
        return SAM_TINY.apply(variables, images, features=features, all_timesteps=True)

    features = jax.jit(functools.partial(backbone_features, SAM_TINY))(variables, images)
    whole, head = maps(variables, images), maps(variables, None, features)
    # The same sums; only what the compiler fuses differs.
    for a, b in zip(jax.tree.leaves(head), jax.tree.leaves(whole), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def test_the_head_needs_no_backbone():
    variables = tiny_variables()
    params = {name: part for name, part in variables["params"].items() if name != "backbone"}
    features = jnp.ones((2, *feature_shape(SAM_TINY, variables, INPUT)))

    def saliency(params, features):
        return SAM_TINY.apply({"params": params}, None, features=features).saliency

    found = jax.eval_shape(saliency, params, features)
    assert found.shape == (2, INPUT[0] // 4, INPUT[1] // 4)


def test_the_shape_of_the_features_is_that_of_what_is_computed():
    variables = tiny_variables()
    for size in (INPUT, (40, 72)):
        image = jax.ShapeDtypeStruct((3, *size, 3), "uint8")
        found = jax.eval_shape(lambda v, x: backbone_features(SAM_TINY, v, x), variables, image)
        assert found.shape == (3, *feature_shape(SAM_TINY, variables, size))
