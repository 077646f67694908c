"""The features of a ResNet are the reference's."""

from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference
from tolerance import assert_close, rounding
from weight_files import network

from samjax.models.resnet import ResNet
from samjax.models.stages import RESNET_TINY

NORM = partial(nn.BatchNorm, use_running_average=True, epsilon=1e-5)


VARIABLES = {k: v["backbone"] for k, v in network("resnet_tiny").variables.items()}


@pytest.mark.parametrize(("stride_on", "backend"), [("1x1", "cpu"), ("3x3", "xla")])
def test_features_are_the_references(rng, stride_on, backend):
    x = 50 * rng.normal(size=(3, 61, 77))
    resnet = ResNet(RESNET_TINY, NORM, stride_on, backend=backend)
    got = jax.jit(resnet.apply)(VARIABLES, jnp.float32(x.transpose(1, 2, 0)[None]))
    layers = network("resnet_tiny").layers
    other = {"1x1": "3x3", "3x3": "1x1"}[stride_on]
    expected, different = (
        reference.resnet(x, layers, s).transpose(1, 2, 0) for s in (stride_on, other)
    )
    assert_close(got[0], expected, rounding(9 * 24, layers=16))
    assert np.abs(expected - different).max() > 0.1  # the stride's place matters


def test_size_is_halved_three_times_up():
    images = jax.ShapeDtypeStruct((1, 122, 157, 3), jnp.float32)
    features = jax.eval_shape(ResNet(RESNET_TINY, NORM).apply, VARIABLES, images)
    assert features.shape[1:3] == (16, 20)


def test_every_convolution_has_a_bias():
    blocks = network("resnet_tiny").variables["params"]["backbone"]
    convs = [v for block in blocks.values() for v in [block, *block.values()] if "kernel" in v]
    assert len(convs) == 1 + 5 * 3 + 4
    assert all("bias" in conv for conv in convs)
