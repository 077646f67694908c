"""What is measured: a network with random or its own weights, and a batch for it."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax.traverse_util import flatten_dict, unflatten_dict

from samjax.models import SAM
from samjax.models.backend import resolve
from samjax.models.sam import map_size
from samjax.weights import PAPER, Pretrained
from samjax.weights.load import load

PAPER_FIELDS: dict[str, Any] = PAPER
DTYPES = {"float32": None, "bfloat16": jnp.bfloat16}
UNISAL_SIZE = "mobilenet_v2"
"""The backbone of the small yardstick, which is no SAM, see `torch_mobilenet`."""
CENTERED_INPUT = 60
"""About the standard deviation of the input, whose mean the release subtracts and no more."""


class NetworkCase(NamedTuple):
    """One network and one size of its input.

    The fields of SAM that are not here are the paper's, or those of `weights`.

    Attributes:
        backbone: "vgg16" or "resnet50"; UNISAL_SIZE, for which only the input and the batch count.
        features: As in `SAM`, like the next three.
        timesteps: How often the recurrence looks.
        gaussians: Priors in each of the two blocks.
        upsampling: Pixels of the map per feature cell, in each direction.
        input_size: Height and width of the input in pixels, multiples of 8.
        batch: Images at once.
        dtype: Of activations and products, "float32" or "bfloat16".
        unroll: Of samjax alone, like the next: see `AttentiveConvLSTM`; 0 is what it chooses.
        remat: See `AttentiveConvLSTM`.
        backend: See `samjax.models.backend`; "" is that of the devices.
        at_once: How many images of the batch are under way at once in a prediction on a CPU; 0 is
            what it chooses.
        weights: The name of a bundled model, whose fields and variables the network has; "" for the
            paper's fields and random variables.
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
    backend: str = ""
    at_once: int = 0
    weights: str = ""

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the features, whose stride is 8."""
        height, width = self.input_size
        return height // 8, width // 8


def bundled_case(weights: str) -> NetworkCase:
    """Return the case of a bundled model at the size of its input."""
    pretrained = _read(weights)
    names = ("backbone", "features", "timesteps", "gaussians", "upsampling")
    fields = {name: pretrained.model[name] for name in names}
    return NetworkCase(**fields, input_size=pretrained.input_size, weights=weights)


@lru_cache(maxsize=2)
def _read(weights: str) -> Pretrained:
    return load(weights)


def fields_of(case: NetworkCase) -> dict[str, Any]:
    """Return the fields of SAM that say what a case's network computes, for either side."""
    names = ("backbone", "features", "timesteps", "gaussians", "upsampling")
    fields = _read(case.weights).model if case.weights else PAPER_FIELDS
    return fields | {name: getattr(case, name) for name in names}


def samjax_model(case: NetworkCase, devices: Sequence[jax.Device] | None = None) -> SAM:
    """Return the network of a case.

    Args:
        case: The network.
        devices: Where it will run; None stands for JAX's default devices.
    """
    arithmetic: dict[str, Any] = {"unroll": case.unroll, "remat": case.remat}
    arithmetic |= {"dtype": DTYPES[case.dtype], "backend": case.backend or resolve(devices)}
    return SAM(**fields_of(case), **arithmetic)


def variables_of(case: NetworkCase) -> dict:
    """Return the variables of a case's network: its own, or random ones, drawn once for many cells.

    The network of UNISAL's size draws its own, and has none here.
    """
    if case.backbone == UNISAL_SIZE:
        return {}
    if case.weights:
        return _read(case.weights).variables
    # What changes no variable is no part of the key.
    same = {
        "batch": 1,
        "dtype": "float32",
        "unroll": 0,
        "remat": False,
        "backend": "",
        "at_once": 0,
    }
    return _draw_once(case._replace(**same))


@lru_cache(maxsize=1)  # one network's are .3 GiB
def _draw_once(case: NetworkCase) -> dict:
    return random_variables(case)


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


def random_images(case: NetworkCase, seed: int = 0) -> np.ndarray:
    """Return images [B, H, W, 3] of noise, RGB in 0..255 as bytes."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (case.batch, *case.input_size, 3)).astype(np.uint8)


def random_batch(case: NetworkCase, seed: int = 0) -> dict[str, np.ndarray]:
    """Return a batch of noise, with the arrays of the input pipeline's batches."""
    rng = np.random.default_rng([seed, 1])
    map_shape = (case.batch, *map_size(samjax_model(case), case.input_size))
    return {
        "image": random_images(case, seed),
        "density": rng.random(map_shape, np.float32),
        "counts": rng.poisson(0.01, map_shape).astype(np.float32),
        "mask": np.ones(map_shape, bool),
        "index": np.arange(case.batch, dtype=np.int32),
    }
