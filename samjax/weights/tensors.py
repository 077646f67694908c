"""Tensors of foreign files.

A file declares the name, shape and type of each tensor. The values are read only after the shape
was accepted, so that no file can make the program allocate more than a network needs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from samjax.errors import UserError, one_line

FLOATS = ("float16", "float32", "float64")


@dataclass(frozen=True)
class Tensor:
    """What a file declares about a tensor.

    Attributes:
        file: The path of the file, for messages.
        name: The tensor's name in the file.
        shape: Its shape.
        dtype: The name of the type of its values.
        load: Reads the values; whoever calls it has checked the shape.
    """

    file: str
    name: str
    shape: tuple[int, ...]
    dtype: str
    load: Callable[[], np.ndarray]


def read(tensor: Tensor, shape: tuple[int, ...], what: str = "") -> np.ndarray:
    """Read a tensor of finite floats as float32.

    Args:
        tensor: What the file declares.
        shape: The shape that the tensor must have.
        what: The tensor's place in the network, for the message.

    Raises:
        UserError: The shape or type is another one, which is told before anything is read; or the
            values cannot be read or are not finite. The message names the tensor and what was
            expected.
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
    with np.errstate(over="ignore"):  # a float64 beyond float32 becomes inf and is refused below
        values = np.ascontiguousarray(values, np.float32)
    if not np.isfinite(values).all():
        raise UserError(f"{label} holds values that are not finite, expected finite numbers")
    return values


def read_variance(tensor: Tensor, shape: tuple[int, ...], what: str = "") -> np.ndarray:
    """Read a tensor as `read` does; UserError if a value is negative."""
    values = read(tensor, shape, what)
    if (values < 0).any():
        raise UserError(
            f"{tensor.file}: tensor {tensor.name} has negative values, expected variances"
        )
    return values
