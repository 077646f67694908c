"""What is measured: the released network with random weights, and a batch for it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax.traverse_util import flatten_dict, unflatten_dict

from samjax.models import SAM
from samjax.models.backend import resolve
from samjax.models.sam import map_size
from samjax.weights import PAPER

PAPER_FIELDS: dict[str, Any] = PAPER
DTYPES = {"float32": None, "bfloat16": jnp.bfloat16}
CENTERED_INPUT = 60
"""About the standard deviation of the input, whose mean the release subtracts and no more."""


class NetworkCase(NamedTuple):
    """One network and one size of its input; the fields of SAM that are not here are the paper's.

    Attributes:
        backbone: "vgg16" or "resnet50".
        features: As in `SAM`, like the next three.
        timesteps: How often the recurrence looks.
        gaussians: Priors in each of the two blocks.
        upsampling: Pixels of the map per feature cell, in each direction.
        input_size: Height and width of the input in pixels, multiples of 8.
        batch: Images at once.
        dtype: Of activations and products, "float32" or "bfloat16".
        unroll: Of samjax alone, like the next: see `AttentiveConvLSTM`; 0 is what it chooses.
        remat: See `AttentiveConvLSTM`.
    """

    backbone: str = "vgg16"
    features: int = PAPER_FIELDS["features"]
    timesteps: int = PAPER_FIELDS["timesteps"]
    gaussians: int = PAPER_FIELDS["gaussians"]
    upsampling: int = PAPER_FIELDS["upsampling"]
    input_size: tuple[int, int] = (240, 320)
    batch: int = 1
    dtype: str = "float32"
    unroll: int = 0
    remat: bool = False

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the features, whose stride is 8."""
        height, width = self.input_size
        return height // 8, width // 8


def samjax_model(case: NetworkCase, devices: Sequence[jax.Device] | None = None) -> SAM:
    """Return the paper's network with the fields that the case gives.

    Args:
        case: The network.
        devices: Where it will run; None stands for JAX's default devices.
    """
    names = ("backbone", "features", "timesteps", "gaussians", "upsampling", "unroll", "remat")
    fields: dict[str, Any] = {name: getattr(case, name) for name in names}
    return SAM(**PAPER_FIELDS | fields, dtype=DTYPES[case.dtype], backend=resolve(devices))


def random_variables(case: NetworkCase, seed: int = 0) -> dict:
    """Return SAM's variables with random values under which every part matters to the output."""
    images = jax.ShapeDtypeStruct((1, *case.input_size, 3), jnp.uint8)
    shapes = jax.eval_shape(samjax_model(case).init, jax.random.key(0), images)
    rng = np.random.default_rng(seed)
    flat = {path: _draw(path, leaf.shape, rng) for path, leaf in flatten_dict(shapes).items()}
    # The attention sums to 1 over the grid, which makes what it weights as many times smaller.
    flat["params", "attentive_convlstm", "W_kernel"] *= np.prod(case.grid)
    return unflatten_dict(flat)


def _draw(path: tuple[str, ...], shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Draw the values of one variable, float32, so that activations keep their size."""
    if path[-1] == "gaussians":
        values = rng.uniform(0.3, 0.6, shape)
    elif path[-1] in ("scale", "var"):
        # A residual branch that ends small keeps the sum of many of them from growing.
        low, high = (0.1, 0.4) if path[-2] == "bn_branch2c" else (0.5, 1.2)
        values = rng.uniform(low, high, shape)
    elif len(shape) == 4:
        # He's initialisation, which a ReLU behind it asks for.
        values = rng.standard_normal(shape, np.float32) * np.sqrt(2 / np.prod(shape[:3]))
        if path[-2] in ("block1_conv1", "conv1"):
            values /= CENTERED_INPUT
    else:
        # The read-out ends in a ReLU: a bias of about 1 keeps its map from being 0.
        values = 0.1 * rng.standard_normal(shape) + (path[1] == "readout")
    return values.astype(np.float32)


def random_batch(case: NetworkCase, seed: int = 0) -> dict[str, np.ndarray]:
    """Return a batch of noise, with the arrays of the input pipeline's batches."""
    rng = np.random.default_rng(seed)
    map_shape = (case.batch, *map_size(samjax_model(case), case.input_size))
    return {
        "image": rng.integers(0, 256, (case.batch, *case.input_size, 3)).astype(np.uint8),
        "density": rng.random(map_shape, np.float32),
        "counts": rng.poisson(0.01, map_shape).astype(np.float32),
        "mask": np.ones(map_shape, bool),
        "index": np.arange(case.batch, dtype=np.int32),
    }
