"""One way in for every kind of weights: published names, and files told apart by their content."""

from pathlib import Path

from samjax.errors import UserError
from samjax.weights import keras, original, safetensors_file, torchvision
from samjax.weights.hdf5 import open_layers
from samjax.weights.pretrained import Pretrained
from samjax.weights.published import PUBLISHED, find
from samjax.weights.torch_file import read_torch

HDF5, ZIP, PICKLE = b"\x89HDF\r\n\x1a\n", b"PK\x03\x04", b"\x80"


def load(source: str | Path, *, offline: bool = False) -> Pretrained:
    """Weights of a published name (see `PUBLISHED`) or of a file.

    Files: the original's HDF5, fchollet's Keras HDF5, torchvision's .pth or .safetensors, and
    our own .safetensors. Raises UserError in one line for anything else, or damaged.
    """
    if str(source) in PUBLISHED and not Path(source).is_file():
        return load_file(find(str(source), offline))
    return load_file(Path(source))


def load_file(path: Path) -> Pretrained:
    start = _start(path)
    if start.startswith(HDF5):
        return _from_hdf5(path)
    # Before the others: such a file starts with the length of its header, which may be any bytes.
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
    if path.is_dir():
        raise UserError(f"{path} is a folder; name a weight file in it")
    if not path.is_file():
        raise UserError(f"{path}: no such file; name a file, or one of {', '.join(PUBLISHED)}")
    with open(path, "rb") as file:
        return file.read(16)


def _from_hdf5(path: Path) -> Pretrained:
    with open_layers(path) as layers:
        if original.MARK not in layers:
            return keras.from_keras(layers, path)
    return original.load(path)


def save(destination: str | Path, weights: Pretrained) -> None:
    """Writes `.safetensors`, or the original's layout to `.pkl`, `.h5` or `.hdf5`.

    Raises UserError for another ending, and for weights that the original's layout cannot hold.
    """
    path = Path(destination)
    if path.suffix == ".safetensors":
        safetensors_file.save(path, weights)
    elif path.suffix in (".pkl", ".h5", ".hdf5"):
        original.save(path, weights)
    else:
        raise UserError(f"{path}: ends in {path.suffix or 'nothing'}; use .safetensors or .pkl")
