"""NumPy's .npy files, whose header is compared with the file before anything is made of it."""

import io
import math

import numpy as np

from samjax.errors import UserError, one_line


def read_npy(data: bytes, name: str) -> np.ndarray:
    """Return the array of a .npy file.

    Args:
        data: The file.
        name: What it is called in messages.

    Raises:
        UserError: It is damaged, promises more than it has, or holds Python objects.
    """
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _, dtype = read_header(file)
        expected, there = math.prod(shape) * dtype.itemsize, len(data) - file.tell()
        if expected > there and not dtype.hasobject:
            raise ValueError(f"its header promises {expected:,} bytes, and {there:,} are there")
        return np.load(io.BytesIO(data), allow_pickle=False)
    except Exception as error:  # whatever NumPy makes of a damaged header
        raise UserError(f"{name} cannot be read as a NumPy array ({one_line(error)})") from error
