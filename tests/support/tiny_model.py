"""A tiny density model with random values, ready to predict.

The values are drawn here, because compiling the network's own initialisation takes long.
"""

from pathlib import Path

import jax
import numpy as np

from samjax.models import SAM
from samjax.prediction.predictor import Predictor
from samjax.prediction.traced import TracedNetwork
from samjax.weights import Pretrained, save

INPUT = (48, 64)

FIELDS = {
    "backbone": "vgg_tiny",
    "features": 8,
    "timesteps": 1,
    "gaussians": 2,
    "readout": "density",
    "upsampling": 2,
}
SAM_TINY = SAM(**FIELDS)


def tiny_model() -> Predictor:
    """The model in memory."""
    return Predictor(TracedNetwork(SAM_TINY, tiny_variables(), INPUT, "random, step 0"))


def tiny_variables() -> dict:
    """Its variables."""
    shapes = jax.eval_shape(SAM_TINY.init, jax.random.key(0), np.zeros((1, *INPUT, 3), np.uint8))
    rng = np.random.default_rng(1)
    return jax.tree.map(lambda a: rng.normal(0, 0.2, a.shape).astype(np.float32), shapes)


def save_tiny_model(path: Path, viewing_times_ms: tuple[float, ...] = (), **fields) -> Path:
    """Write it, with other fields of SAM that change no shape, to a .safetensors file."""
    model = FIELDS | {"normalization": SAM_TINY.normalization} | fields
    about = {"input_size": INPUT, "viewing_times_ms": viewing_times_ms}
    save(path, Pretrained("sam", tiny_variables(), model, "random", "", **about))
    return path
