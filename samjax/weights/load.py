"""Read weights of every kind: published names, and files, which are told apart by their content.

The ending of a file's name says little: the release calls its HDF5 files ".pkl", for example.
"""

from pathlib import Path

from samjax.errors import UserError
from samjax.weights import keras, keras3, original, safetensors_file, torchvision
from samjax.weights.hdf5 import open_layers
from samjax.weights.pretrained import Pretrained
from samjax.weights.published import PUBLISHED, find
from samjax.weights.torch_file import read_torch

# What files of these formats begin with.
HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\x03\x04"
PICKLE = b"\x80"


def load(source: str | Path, *, offline: bool = False) -> Pretrained:
    """Read the weights of a published name or of a file.

    Args:
        source: A name in `PUBLISHED`, or the path of a file: the original's HDF5, fchollet's HDF5
            for Keras, torchvision's .pth or .safetensors, or our own .safetensors.
        offline: Whether a published file is taken from the cache only, never downloaded.

    Raises:
        UserError: The file is of another kind or damaged, or cannot be had.
    """
    if str(source) == keras3.HED and not Path(source).is_file():
        return load_file(keras3.find_hed())
    if str(source) in PUBLISHED and not Path(source).is_file():
        return load_file(find(str(source), offline))
    return load_file(Path(source))


def load_file(path: Path) -> Pretrained:
    """Read the weights of a file, of whatever kind; see `load`."""
    start = _start(path)
    if start.startswith(HDF5):
        return _from_hdf5(path)
    # A .safetensors file begins with the length of its header in eight bytes, which may be any,
    # so this comes before ZIP and PICKLE.
    if start[8:9] == b"{":
        tensors, metadata = safetensors_file.read_safetensors(path)
        if metadata.get("format") == safetensors_file.FORMAT:
            return safetensors_file.from_samjax(tensors, metadata, path)
        return torchvision.from_torchvision(tensors, path)
    if start.startswith((ZIP, PICKLE)):
        return torchvision.from_torchvision(read_torch(path), path)
    raise UserError(
        f"{path}: not a weight file; expected the original's or Keras' HDF5, PyTorch's .pth or "
        f".safetensors, or one of the names {', '.join(PUBLISHED)}"
    )


def _start(path: Path) -> bytes:
    """Return the first bytes of a file."""
    if path.is_dir():
        raise UserError(f"{path} is a folder; name a weight file in it")
    if not path.is_file():
        raise UserError(f"{path}: no such file; name a file, or one of {', '.join(PUBLISHED)}")
    with open(path, "rb") as file:
        return file.read(16)


def _from_hdf5(path: Path) -> Pretrained:
    """Read an HDF5 file, the original's or one of Keras', told apart by a layer's name."""
    with open_layers(path) as layers:
        if keras3.is_keras3(layers):
            return keras3.from_keras3(layers, path)
        if original.MARK not in layers:
            return keras.from_keras(layers, path)
    return original.load(path)


def save(destination: str | Path, weights: Pretrained) -> None:
    """Write weights to a file.

    Args:
        destination: The path of the file. Its ending tells the format: `.safetensors` is ours;
            `.pkl`, `.h5` and `.hdf5` are HDF5 in the original's layout.
        weights: What to write.

    Raises:
        UserError: The ending is another one, or the original's layout cannot hold the weights.
    """
    path = Path(destination)
    if path.suffix == ".safetensors":
        safetensors_file.save(path, weights)
    elif path.suffix in (".pkl", ".h5", ".hdf5"):
        original.save(path, weights)
    else:
        raise UserError(f"{path}: ends in {path.suffix or 'nothing'}; use .safetensors or .pkl")
