"""A tiny density model with random values, ready to predict.

The values are drawn here, because compiling the network's own initialisation takes long.
"""

import jax
import numpy as np

from samjax.models import SAM
from samjax.prediction.predictor import Predictor

INPUT = (48, 64)


SAM_TINY = SAM(
    backbone="vgg_tiny", features=8, timesteps=1, gaussians=2, readout="density", upsampling=2
)


def tiny_model() -> Predictor:
    return Predictor(SAM_TINY, tiny_variables(), INPUT, "random, step 0")


def tiny_variables() -> dict:
    shapes = jax.eval_shape(SAM_TINY.init, jax.random.key(0), np.zeros((1, *INPUT, 3), np.uint8))
    rng = np.random.default_rng(1)
    return jax.tree.map(lambda a: rng.normal(0, 0.2, a.shape).astype(np.float32), shapes)
