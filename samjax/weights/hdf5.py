"""The layout of the HDF5 files that Keras writes.

Keras 1 and 2: the attribute `layer_names` lists the layers in order; it is found at the root of the
file or on its group `model_weights`. Each layer is a group whose attribute `weight_names` lists its
tensors in order. Everything else in the file (an optimiser's state, configurations) is ignored.

Keras 3: a layer is a group with a subgroup `vars` that holds its tensors under the names 0, 1, 2
and so on; the group's path is the layer's name here. There are no lists.

Nothing outside the file is ever opened, see `samjax.files.hdf5`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from samjax.errors import UserError, one_line
from samjax.files.hdf5 import inside, opened
from samjax.weights.tensors import Tensor

MAX_NAMES = 10_000  # of layers or of tensors in a layer; a damaged file may declare any number
VARS = "vars"  # Keras 3's name of the group of a layer's tensors

Layers = dict[str, list[Tensor]]


@contextmanager
def open_layers(path: Path) -> Iterator[Layers]:
    """Open a file, and give its layers in order; their tensors can be loaded while it is open.

    Raises:
        UserError: The file is damaged, reaches outside itself or has no layers.
    """
    with opened(path, path) as file:
        try:
            layers = _layers(file, path)
        except UserError:
            raise
        except Exception as error:  # h5py raises exceptions of many kinds on damaged files
            raise UserError(f"{path}: damaged HDF5 file: {one_line(error)}") from error
        yield layers


def _layers(file: h5py.File, path: Path) -> Layers:
    """Return what the file declares about its layers; `path` is for messages, here and below."""
    root: h5py.Group = file
    if "layer_names" not in file.attrs and "model_weights" in file:
        root = inside(file, "model_weights", path)
    if "layer_names" not in root.attrs:
        layers = _layers_of_keras3(file, path)
        if not layers:
            raise UserError(
                f"{path}: no attribute layer_names at the root or on model_weights, and no group "
                "of vars; expected weights saved by Keras"
            )
        return layers
    layers = {}
    for name in _names(root, "layer_names", path):
        group = inside(root, name, path)
        tensors = _names(group, "weight_names", path) if "weight_names" in group.attrs else []
        layers[name] = [_tensor(group, tensor, path) for tensor in tensors]
    return layers


def _layers_of_keras3(file: h5py.File, path: Path) -> Layers:
    """Return the layers below the root that have variables, by the paths of their groups."""
    layers: Layers = {}
    waiting = [""]  # groups still to be looked into
    while waiting:
        name = waiting.pop()
        group = inside(file, name, path) if name else file
        if not isinstance(group, h5py.Group):
            continue
        if name.endswith(f"/{VARS}"):
            tensors = [_tensor(group, key, path) for key in sorted(group, key=_number)]
            if tensors:
                layers[name.removesuffix(f"/{VARS}")] = tensors
            continue
        waiting += [f"{name}/{key}".lstrip("/") for key in group]
        if len(waiting) + len(layers) > MAX_NAMES:
            raise UserError(f"{path}: more than {MAX_NAMES} groups, too many for a network")
    return layers


def _number(key: str) -> tuple[int, str]:
    """Return the key that sorts "10" after "9", and names that are no numbers after all numbers."""
    return (int(key), "") if key.isdecimal() else (MAX_NAMES, key)


def _names(group: h5py.Group, attribute: str, path: Path) -> list[str]:
    """Return the strings of an attribute.

    A layer without weights has an empty array of float64 there.
    """
    # The size is checked before the values are read, which takes memory.
    size = group.attrs.get_id(attribute).get_space().get_simple_extent_npoints()
    if size > MAX_NAMES:
        raise UserError(f"{path}: {attribute} of {group.name} declares {size} names, too many")
    values = group.attrs[attribute]
    if values.size == 0:
        return []
    if values.dtype.kind not in "SUO":
        raise UserError(f"{path}: {attribute} of {group.name} holds {values.dtype}, expected names")
    return [value.decode() if isinstance(value, bytes) else str(value) for value in values.ravel()]


def _tensor(group: h5py.Group, name: str, path: Path) -> Tensor:
    """Return what the file declares about a tensor of a layer's group."""
    node = inside(group, name, path)
    if not isinstance(node, h5py.Dataset):
        raise UserError(f"{path}: tensor {name} of {group.name} is a group, expected a dataset")
    dtype = node.dtype.newbyteorder("=").name
    return Tensor(str(path), name, tuple(node.shape or ()), dtype, lambda: node[()])
