"""Write the programs that come with the bundled models, see `samjax.prediction.shipped`.

python -m experiments.ship_programs

To be run whenever the code of the network or a bundled model has changed; a test says so.
"""

import json
import tempfile
from pathlib import Path

import jax
import numpy as np
import safetensors.numpy
from absl import app
from jax import export

from samjax import bundled
from samjax.files.atomic import write_atomic
from samjax.prediction import shipped
from samjax.prediction.kept import ABOUT, KeptNetwork, program_name
from samjax.prediction.kept_files import KeptFolder
from samjax.prediction.traced import TracedNetwork, network_of
from samjax.weights import Pretrained, load


def main(argv: list[str]) -> None:
    """Write the programs of all bundled models."""
    # Nothing of the folders of this machine belongs into them.
    jax.config.update("jax_hlo_source_file_canonicalization_regex", ".*/")
    jax.config.update("jax_traceback_in_locations_limit", 0)
    for name in bundled.NAMES:
        print(ship(bundled.find(name), shipped.FOLDER / name))


def ship(weights: Path, output: Path) -> Path:
    """Write the programs of a weight file into a folder, and return the folder."""
    pretrained = load(str(weights))
    network = network_of(pretrained)
    for old in output.glob("*") if output.is_dir() else ():
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        kept = KeptFolder(weights)
        kept.path = Path(folder) / "kept"
        built = KeptNetwork(kept, lambda: network)
        write_atomic(output / ABOUT, kept.read(ABOUT) or b"")
        for height, width in network.facts.sizes:
            shape = (1, height, width, 3)
            program = built.program(network.facts.timesteps, False, shape)
            name = program_name(network.facts.timesteps, False, shape)
            write_atomic(output / name, bytes(program.serialize()))
    names = tensor_names(pretrained, weights)
    write_atomic(output / shipped.TENSORS, json.dumps(names, indent=1))
    write_atomic(output / shipped.VARIABLES, bytes(of_variables(network, pretrained).serialize()))
    return write_atomic(output / shipped.DIGEST, shipped.digest(weights) + "\n").parent


def of_variables(network: TracedNetwork, pretrained: Pretrained) -> export.Exported:
    """Return the program that makes a network's variables of those that a file holds."""
    leaves, structure = jax.tree.flatten(pretrained.variables)

    def program(leaves: list) -> list:
        return jax.tree.leaves(network.precompute(jax.tree.unflatten(structure, leaves)))

    abstract = [jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for leaf in leaves]
    return export.export(jax.jit(program))(abstract)


def tensor_names(pretrained: Pretrained, weights: Path) -> list[str]:
    """Return the name in the file of each leaf of the variables, found by its values."""
    tensors = safetensors.numpy.load_file(weights)
    names = []
    for leaf in jax.tree.leaves(pretrained.variables):
        equal = [n for n, t in tensors.items() if np.array_equal(t.astype(np.float32), leaf)]
        # Several tensors of the same values may stand for each other.
        names.append(equal[0])
    return names


if __name__ == "__main__":
    app.run(main)
