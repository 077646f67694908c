"""What is measured: a network in the release's form with random weights, and a batch for it."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax.traverse_util import flatten_dict, unflatten_dict

from samjax.models import SAM
from samjax.models.backend import resolve
from samjax.models.sam import map_size

DTYPES = {"float32": None, "bfloat16": jnp.bfloat16}


class NetworkCase(NamedTuple):
    """One network and one size of its input. The remaining fields of SAM are the release's."""

    backbone: str = "vgg16"
    features: int = 512
    timesteps: int = 4
    gaussians: int = 16
    upsampling: int = 16
    input_size: tuple[int, int] = (240, 320)  # height, width
    batch: int = 1
    dtype: str = "float32"  # of activations and products

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the features; the input's sizes are multiples of 8 here."""
        height, width = self.input_size
        return height // 8, width // 8


def samjax_model(case: NetworkCase) -> SAM:
    fields = {k: getattr(case, k) for k in ("backbone", "features", "timesteps", "gaussians")}
    return SAM(**fields, upsampling=case.upsampling, dtype=DTYPES[case.dtype], backend=resolve())


def variables_of(case: NetworkCase, seed: int = 0) -> dict:
    """SAM's variables with random values under which every part matters to the output."""
    images = jax.ShapeDtypeStruct((1, *case.input_size, 3), jnp.uint8)
    shapes = jax.eval_shape(samjax_model(case).init, jax.random.key(0), images)
    rng = np.random.default_rng(seed)
    flat = {path: _draw(path, leaf.shape, rng) for path, leaf in flatten_dict(shapes).items()}
    cells = np.prod(case.grid)
    flat["params", "attentive_convlstm", "W_kernel"] *= cells  # attention divides x by that
    return unflatten_dict(flat)


def _draw(path: tuple[str, ...], shape: tuple[int, ...], rng) -> np.ndarray:
    if path[-1] == "gaussians":
        values = rng.uniform(0.3, 0.6, shape)
    elif path[-1] in ("scale", "var"):
        low, high = (0.1, 0.4) if path[-2] == "bn_branch2c" else (0.5, 1.2)
        values = rng.uniform(low, high, shape)
    elif len(shape) == 4:
        values = rng.standard_normal(shape, np.float32) * np.sqrt(2 / np.prod(shape[:3]))
        if path[-2] in ("block1_conv1", "conv1"):
            values /= 60  # the release does not scale its input
    else:
        values = 0.1 * rng.standard_normal(shape) + (path[1] == "readout")
    return values.astype(np.float32)


def batch_of(case: NetworkCase, seed: int = 0) -> dict[str, np.ndarray]:
    """A batch as the input pipeline makes it, of noise."""
    rng = np.random.default_rng(seed)
    grid = map_size(samjax_model(case), case.input_size)
    return {
        "image": rng.integers(0, 256, (case.batch, *case.input_size, 3)).astype(np.uint8),
        "density": rng.random((case.batch, *grid), np.float32),
        "counts": rng.poisson(0.01, (case.batch, *grid)).astype(np.float32),
        "mask": np.ones((case.batch, *grid), bool),
        "index": np.arange(case.batch, dtype=np.int32),
    }
