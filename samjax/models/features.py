"""What a network's backbone makes of images, which the rest of the network can be given instead.

`model.apply(variables, None, features=backbone_features(model, variables, images))` is what
`model.apply(variables, images)` is.
"""

from functools import partial
from typing import cast

import jax
import jax.numpy as jnp
from flax import linen as nn

from samjax.models.backbones import Features
from samjax.models.normalization import Images
from samjax.models.sam import SAM

BACKBONE = "backbone"
"""The name of the backbone in the network, and of its part of the variables."""


def backbone_features(model: SAM, variables: dict, images: Images) -> Features:
    """Return the output of the backbone as in prediction, in the type that the network computes in.

    Args:
        model: The network.
        variables: The network's, as `SAM.init` nests them.
        images: RGB in 0..255.
    """

    def is_backbone(module: nn.Module, method: str) -> bool:
        return module.name == BACKBONE and method == "__call__"

    # Where this is compiled, the rest of the network is dead code; without timesteps it is traced
    # faster.
    _, kept = model.clone(timesteps=0).apply(
        variables, images, capture_intermediates=is_backbone, mutable=["intermediates"]
    )
    (features,) = kept["intermediates"][BACKBONE]["__call__"]
    return cast(jax.Array, features)


def feature_shape(model: SAM, variables: dict, input_size: tuple[int, int]) -> tuple[int, int, int]:
    """Return height, width and channels of the features of an image; computes nothing."""
    images = jax.ShapeDtypeStruct((1, *input_size, 3), jnp.uint8)
    return jax.eval_shape(partial(backbone_features, model), variables, images).shape[1:]
