"""Programs that come with a bundled model, so that the first run needs no Flax and traces nothing.

    weights/programs/NAME/about.json      as in the folder of a kept network
    weights/programs/NAME/TIMESTEPS-SHAPE.program
    weights/programs/NAME/variables.program    makes the network's variables of the file's tensors
    weights/programs/NAME/tensors.json    the names of these tensors, in order
    weights/programs/NAME/digest          of the code and weights that all this was made of

`python -m experiments.ship_programs` writes them in JAX's portable form (`jax.export`), which later
versions of JAX read for at least six months. Where anything does not fit, there are none: the
network is traced, which takes longer and gives the same.
"""

import functools
import hashlib
import json
import logging
from pathlib import Path

import jax
import numpy as np
import safetensors.numpy
from jax import export

from samjax import bundled
from samjax.prediction import executables
from samjax.prediction.kept_files import ROOT

logger = logging.getLogger(__name__)

FOLDER = ROOT / "weights" / "programs"
ABOUT, DIGEST = "about.json", "digest"
TENSORS, VARIABLES = "tensors.json", "variables.program"


class Shipped:
    """The programs that come with a weight file; there may be none."""

    def __init__(self, weights: Path) -> None:
        """Look for the programs of a weight file."""
        self._weights = weights
        self.folder = FOLDER / weights.stem

    @functools.cached_property
    def fits(self) -> bool:
        """Whether they were made of these weights and this code, for what JAX is set to here."""
        if self._weights != bundled.path_of(self._weights.stem):
            return False
        config = jax.config.values
        if config["jax_enable_x64"] or config["jax_default_matmul_precision"] is not None:
            return False
        try:
            return (self.folder / DIGEST).read_text("utf-8").strip() == digest(self._weights)
        except OSError:
            return False

    def about(self) -> bytes | None:
        """Return the facts about the network, as JSON."""
        return (self.folder / ABOUT).read_bytes() if self.fits else None

    def program(self, name: str) -> export.Exported | None:
        """Return a program, or None if there is none for this device and version of JAX."""
        if not self.fits or not (self.folder / name).is_file():
            return None
        try:
            program = export.deserialize(bytearray((self.folder / name).read_bytes()))
        except Exception as error:  # of a version that this one does not read
            logger.debug("the shipped program %s does not fit: %s", name, error)
            return None
        return program if jax.default_backend() in program.platforms else None

    def variables(self) -> list[jax.Array] | None:
        """Return the leaves of the network's variables, or None if they cannot be made."""
        program = self.program(VARIABLES)
        if program is None:
            return None
        tensors = safetensors.numpy.load_file(self._weights)
        names = json.loads((self.folder / TENSORS).read_bytes())
        leaves = [tensors[name].astype(np.float32) for name in names]
        return executables.compile_for_once(program)(leaves)


def digest(weights: Path) -> str:
    """Return a digest of all that the programs are made of: the network's code and a weight file.

    The ends of lines do not count, which differ between systems.
    """
    whole = hashlib.sha256(weights.read_bytes())
    for file in sorted((ROOT / "models").rglob("*.py")):
        whole.update(file.relative_to(ROOT).as_posix().encode())
        whole.update(file.read_text("utf-8").encode())
    return whole.hexdigest()
