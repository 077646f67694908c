from functools import partial

import flax.linen as nn
import jax.numpy as jnp
import numpy as np
import pytest
import reference
from weight_files import network

from samjax.models.resnet import ResNet
from samjax.models.stages import RESNET_TINY

NORM = partial(nn.BatchNorm, use_running_average=True, epsilon=1e-5)


def apply(x, stride_on="1x1"):
    variables = {k: v["backbone"] for k, v in network("resnet_tiny").variables.items()}
    return ResNet(RESNET_TINY, NORM, stride_on).apply(variables, x)


@pytest.mark.parametrize("stride_on", ["1x1", "3x3"])
@pytest.mark.parametrize("size", [(240, 320), (61, 77)])
def test_features_are_the_references(rng, size, stride_on):
    x = 50 * rng.normal(size=(3, *size))
    got = apply(jnp.float32(x.transpose(1, 2, 0)[None]), stride_on)
    expected = reference.resnet(x, network("resnet_tiny").layers, stride_on).transpose(1, 2, 0)
    np.testing.assert_allclose(got[0], expected, atol=1e-5 * np.ptp(expected))


def test_stride_on_another_convolution_gives_other_features(rng):
    x = jnp.float32(50 * rng.normal(size=(1, 64, 80, 3)))
    assert np.abs(apply(x, "1x1") - apply(x, "3x3")).max() > 0.1


def test_size_is_halved_three_times_up():
    assert apply(jnp.zeros((1, 122, 157, 3))).shape[1:3] == (16, 20)


def test_every_convolution_has_a_bias():
    blocks = network("resnet_tiny").variables["params"]["backbone"]
    convs = [v for block in blocks.values() for v in [block, *block.values()] if "kernel" in v]
    assert len(convs) == 1 + 5 * 3 + 4
    assert all("bias" in conv for conv in convs)
