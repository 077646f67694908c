"""The folder of a network that is kept on disk: named by all it was made of, verified on reading.

    KEY/about.json           what is known about the network
    KEY/NAME                 its variables, and one exported program per shape of a batch

Every file begins with the SHA-256 checksum of what follows. A file that is missing, cut or changed
is one that was never kept.
"""

import hashlib
import importlib.metadata
import shutil
from pathlib import Path

import jax

from samjax.files.atomic import write_atomic
from samjax.files.cache import cache_dir

ROOT = Path(__file__).parents[1]
# What the exported programs are made by. Another version of any may make another program.
PACKAGES = ("flax", "jax", "jaxlib", "flatbuffers")
SETTINGS = ("jax_enable_x64", "jax_default_matmul_precision")
"""Of JAX, which change the programs."""
LARGEST = 64 * 2**20
"""Of a weight file, in bytes. A network of a larger one predicts for much longer than it traces."""
MOST = 8
"""Networks that are kept. Those that were made longest ago are removed."""
DIGEST_BYTES = 32


class KeptFolder:
    """The files that are kept of one network."""

    def __init__(self, weights: Path) -> None:
        """Name the folder, and make nothing yet.

        Args:
            weights: The weight file.

        Raises:
            OSError: The file cannot be read.
        """
        self.weights = weights
        self.path = cache_dir() / "networks" / _key(weights)

    def read(self, name: str) -> bytes | None:
        """Return what was kept under a name; None if nothing was, or not as it was written."""
        try:
            with (self.path / name).open("rb") as file:
                digest, content = file.read(DIGEST_BYTES), file.read()
        except OSError:
            return None
        return content if hashlib.sha256(content).digest() == digest else None

    def write(self, name: str, content: bytes) -> None:
        """Keep something under a name.

        Raises:
            OSError: It cannot be written.
        """
        if not self.path.exists():
            self._make_room()
        write_atomic(self.path / name, hashlib.sha256(content).digest() + content)

    def _make_room(self) -> None:
        """Remove the oldest networks, so that one more may be kept."""
        folders = [path for path in self.path.parent.glob("*") if path.is_dir()]
        folders.sort(key=lambda path: path.stat().st_mtime)
        for old in folders[: max(len(folders) - MOST + 1, 0)]:
            shutil.rmtree(old, ignore_errors=True)


def _key(weights: Path) -> str:
    """Return a digest of all that decides what a network computes."""
    digest = hashlib.sha256(weights.read_bytes())
    # The numbers in a program come from our own code, which changes between releases, too.
    for file in sorted([*(ROOT / "models").rglob("*.py"), *(ROOT / "prediction").glob("*.py")]):
        digest.update(file.read_bytes())
    for package in PACKAGES:
        digest.update(f"{package} {importlib.metadata.version(package)}\n".encode())
    settings = [jax.config.values[name] for name in SETTINGS]
    digest.update(f"{jax.default_backend()} {settings}".encode())
    return digest.hexdigest()
