"""A network that is kept on disk, so that only the first process builds it from its modules.

To import Flax, to check the shapes of the weights, to compute what depends on them alone, and to
trace the network takes longer than a small one needs for a photograph. Its result is always the
same: arrays, a program that `jax.export` writes in JAX's own portable form, and what XLA makes of
that program for this processor, see `samjax.prediction.executables`.
"""

import dataclasses
import json
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import jax
import numpy as np
import safetensors.numpy
from jax import export

from samjax.models.output import SAMOutput
from samjax.parallel.compilation import FOLDER
from samjax.prediction import executables
from samjax.prediction.kept_files import LARGEST, KeptFolder
from samjax.prediction.network import Facts, Network
from samjax.prediction.pieces import images_at_once, run_each
from samjax.prediction.shipped import Shipped

logger = logging.getLogger(__name__)

VARIABLES = "variables.safetensors"
ABOUT = "about.json"
T = TypeVar("T")


def keep(weights: Path, build: Callable[[], Any]) -> Network:
    """Return the network of a weight file, kept on disk where that is possible and worth it.

    Args:
        weights: The file.
        build: Reads the file and returns its `TracedNetwork`; called only if that is needed.

    Raises:
        UserError: As of `build`.
    """
    # The user keeps no compiled programs, or the file is large.
    if not os.environ.get(FOLDER, "unset") or weights.stat().st_size > LARGEST:
        return build()
    try:
        folder = KeptFolder(weights)
    except (OSError, RuntimeError) as error:  # there is no home folder, say
        logger.debug("no network is kept: %s", error)
        return build()
    return KeptNetwork(folder, build)


class KeptNetwork:
    """A network in front of a folder that has what was built of it before."""

    def __init__(self, folder: KeptFolder, build: Callable[[], Any]) -> None:
        """Read nothing but the facts.

        Args:
            folder: Of what is kept.
            build: Returns the `TracedNetwork`; called when something is not in the folder.
        """
        self._folder, self._build = folder, build
        self._shipped = Shipped(folder.weights)
        self._programs: dict[tuple, Callable[[list, Any], dict]] = {}
        about = folder.read(ABOUT)
        if about is None and (about := self._shipped.about()):
            self._write(ABOUT, about)  # so that the next process need not ask whether they fit
        facts = json.loads(about) if about else self._keep_facts()
        self.priors = [np.array(block, np.float32).reshape(4, -1) for block in facts.pop("priors")]
        facts["input_size"] = tuple(facts["input_size"])
        facts["buckets"] = tuple(tuple(size) for size in facts["buckets"])
        facts["viewing_times_ms"] = tuple(facts["viewing_times_ms"])
        self.facts = Facts(**facts)

    @cached_property
    def _traced(self) -> Any:
        return self._build()

    def map_size(self, input_size: tuple[int, int]) -> tuple[int, int]:
        """Return the height and width of its map for an input of this size."""
        return self._traced.map_size(input_size)

    def run(self, images: jax.Array | np.ndarray, timesteps: int, all_timesteps: bool) -> SAMOutput:
        """Return its output for a batch of canvases, see `Network`."""
        if images.dtype != np.uint8:  # a program is for one type
            return self._traced.run(images, timesteps, all_timesteps)
        on_cpu = jax.default_backend() == "cpu"
        which = (timesteps, all_timesteps, (1 if on_cpu else len(images), *images.shape[1:]))
        if which not in self._programs:
            self._programs[which] = self._executable(*which)
        executable = self._programs[which]

        def program(images: jax.Array | np.ndarray) -> SAMOutput:
            return SAMOutput(**executable(self._variables, images))

        if on_cpu:
            return run_each(program, images, images_at_once(self.facts.parameters))
        return program(images)

    def _executable(
        self, timesteps: int, all_timesteps: bool, shape: tuple[int, ...]
    ) -> Callable[[list, Any], dict]:
        """Return a compiled program of the folder, or compile it into the folder."""
        name = executables.name_of(program_name(timesteps, all_timesteps, shape))
        if kept := self._folder.read(name):
            loaded = self._beside_variables(lambda: executables.load(kept))
            if loaded is not None:
                return loaded
        program, parameters = self.program(timesteps, all_timesteps, shape), self.facts.parameters
        compiled = self._beside_variables(lambda: executables.compile_network(program, parameters))
        if isinstance(compiled, executables.Executable):
            self._write(name, compiled.dump())
        return compiled

    def _beside_variables(self, work: Callable[[], T]) -> T:
        """Return what some work gives, and have the variables read or computed at the same time.

        Both are done by XLA and the system for the most part, outside of Python's lock.
        """
        with ThreadPoolExecutor(1) as pool:
            variables = pool.submit(lambda: self._variables)
            result = work()
            variables.result()
        return result

    def program(
        self, timesteps: int, all_timesteps: bool, shape: tuple[int, ...]
    ) -> export.Exported:
        """Return a program of the folder, a shipped one, or export it into the folder."""
        name = program_name(timesteps, all_timesteps, shape)
        kept = self._folder.read(name)
        if kept is not None:
            return export.deserialize(bytearray(kept))
        if (program := self._shipped.program(name)) is not None:
            return program
        function = self._traced.function(timesteps, all_timesteps)

        def apply(variables: list, images: jax.Array) -> dict:
            output = function(variables, images)
            fields = ((f.name, getattr(output, f.name)) for f in dataclasses.fields(output))
            return {name: value for name, value in fields if value is not None}

        abstract = [jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for leaf in self._variables]
        images = jax.ShapeDtypeStruct(shape, np.uint8)
        exported = export.export(jax.jit(apply))(abstract, images)
        self._write(name, bytes(exported.serialize()))
        return exported

    @cached_property
    def _variables(self) -> list[jax.Array]:
        """The leaves of the variables' tree, in its order, on the device."""
        kept = self._folder.read(VARIABLES)
        if kept is not None:
            arrays = safetensors.numpy.load(kept)
            return jax.device_put([arrays[name] for name in sorted(arrays)])
        leaves = self._shipped.variables() or self._traced.variables
        arrays = {f"{i:05}": np.ascontiguousarray(leaf) for i, leaf in enumerate(leaves)}
        self._write(VARIABLES, safetensors.numpy.save(arrays))
        return jax.device_put(leaves)

    def _keep_facts(self) -> dict[str, Any]:
        network = self._traced
        priors = [np.asarray(block).tolist() for block in network.priors]
        facts = network.facts._asdict() | {"priors": priors}
        self._write(ABOUT, json.dumps(facts).encode())
        return json.loads(json.dumps(facts))

    def _write(self, name: str, content: bytes) -> None:
        """Keep a file if that is possible; without it, another process builds it anew."""
        try:
            self._folder.write(name, content)
        except OSError as error:
            logger.debug("%s is not kept: %s", name, error)


def program_name(timesteps: int, all_timesteps: bool, shape: tuple[int, ...]) -> str:
    """Return what the file of a program is called."""
    size = "x".join(map(str, shape))
    return f"{timesteps}{'-all' if all_timesteps else ''}-{size}.program"
