"""A tensor of a foreign file: named, its shape declared, not read before the shape is accepted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from samjax.errors import UserError, one_line

FLOATS = ("float16", "float32", "float64")


@dataclass(frozen=True)
class Tensor:
    """What a file declares. `load` reads the values; whoever calls it has checked the shape."""

    file: str
    name: str
    shape: tuple[int, ...]
    dtype: str
    load: Callable[[], np.ndarray]


def read(tensor: Tensor, shape: tuple[int, ...], what: str = "") -> np.ndarray:
    """Reads a tensor of finite floats as float32 of exactly this shape.

    what: the tensor's place in the network, for the message.
    Raises UserError naming the tensor and what was expected, before reading where it can.
    """
    label = f"{tensor.file}: tensor {tensor.name}" + (f" ({what})" if what else "")
    if tensor.shape != tuple(shape):
        raise UserError(f"{label} has shape {tensor.shape}, expected {tuple(shape)}")
    if tensor.dtype not in FLOATS:
        raise UserError(f"{label} holds {tensor.dtype}, expected float32")
    try:
        values = np.asarray(tensor.load())
    except (OSError, RuntimeError, ValueError, EOFError, LookupError, MemoryError) as error:
        raise UserError(f"{label} cannot be read: {one_line(error)}") from error
    with np.errstate(over="ignore"):  # a float64 beyond float32 becomes inf, refused below
        values = np.ascontiguousarray(values, np.float32)
    if not np.isfinite(values).all():
        raise UserError(f"{label} holds values that are not finite, expected finite numbers")
    return values


def read_variance(tensor: Tensor, shape: tuple[int, ...], what: str = "") -> np.ndarray:
    """As `read`, of values that are not negative."""
    values = read(tensor, shape, what)
    if (values < 0).any():
        raise UserError(
            f"{tensor.file}: tensor {tensor.name} has negative values, expected variances"
        )
    return values
