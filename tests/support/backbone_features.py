"""A loaded backbone applied to an image, beside the independent NumPy reference."""

from functools import partial

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import reference
from weight_files import backbone_layers, released

from samjax.models.backbones import BACKBONES
from samjax.models.normalization import normalize
from samjax.models.resnet import ResNet
from samjax.models.vgg import VGG
from samjax.weights import Pretrained


def imagenet_layers(backbone: str) -> dict:
    """Random layers of a backbone; a ResNet's convolutions have no bias, as torchvision's."""
    layers = backbone_layers(released(backbone), np.random.default_rng(3))
    if backbone == "resnet50":
        for name, tensors in layers.items():
            if len(tensors) == 2:
                layers[name] = [tensors[0], np.zeros_like(tensors[1])]
    return layers


def features(weights: Pretrained, image: np.ndarray) -> np.ndarray:
    """The backbone's output [C, h, w], normalised and strided as the weights say."""
    model = weights.model
    variables = {name: tree["backbone"] for name, tree in weights.variables.items()}
    table = BACKBONES[model["backbone"]][1]
    if model["backbone"] == "vgg16":
        module = VGG(table)
    else:
        norm = partial(nn.BatchNorm, use_running_average=True, epsilon=1e-5)
        module = ResNet(table, norm, model["stride_on"])
    x = normalize(jnp.asarray(image[None]), model["normalization"])
    return np.asarray(jax.jit(module.apply)(variables, x)[0]).transpose(2, 0, 1)


def assert_reference(weights: Pretrained, layers: dict, image: np.ndarray) -> None:
    """The loaded backbone computes what the reference computes from the layers in float64.

    Each of up to 50 layers rounds to 2^-24 of its values, and sums of up to 4,608 products add
    some: 1e-4 of the range is a hundred times what is seen, and a mistake in one layer gives more.
    """
    normalized = getattr(reference, weights.model["normalization"])(image)
    if weights.model["backbone"] == "vgg16":
        expected = reference.vgg(normalized, layers)
    else:
        expected = reference.resnet(normalized, layers, weights.model["stride_on"])
    actual = features(weights, image)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-4 * np.ptp(expected))


def assert_same_variables(left: Pretrained, right: Pretrained) -> None:
    """Two files gave the same bits."""
    assert left.flat().keys() == right.flat().keys()
    for path, array in left.flat().items():
        np.testing.assert_array_equal(array, right.flat()[path])
