"""A network that is traced from its Flax modules, as JAX does it: once per shape of a batch."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, cast

import jax
import numpy as np

from samjax.errors import UserError
from samjax.models.backend import is_cpu, resolve
from samjax.models.precompute import precompute
from samjax.models.priors import BLOCKS, gaussians
from samjax.models.sam import SAM, SAMOutput, map_size
from samjax.prediction.executables import jit_network
from samjax.prediction.network import Facts
from samjax.prediction.pieces import images_at_once, run_each
from samjax.weights import Pretrained


class TracedNetwork:
    """A network with its variables. One program is compiled per shape of a batch and timesteps.

    Attributes:
        facts: What is known about it.
        variables: `SAM`'s variables and what depends on them alone, see `precompute`, as the leaves
            of their tree.
    """

    def __init__(
        self,
        sam: SAM,
        variables: dict[str, Any],
        input_size: tuple[int, int],
        origin: str,
        resize_mode: str = "letterbox",
        buckets: Sequence[tuple[int, int]] = (),
        viewing_times_ms: Sequence[float] = (),
    ) -> None:
        """Prepare a network for prediction.

        Args:
            sam: The network.
            variables: Its variables, as `SAM.init` nests them.
            input_size: Height and width of the input in pixels.
            origin: Where the variables come from, in words for people.
            resize_mode: How an image is put on an input, see `samjax.data.resize_mode`.
            buckets: Heights and widths of further inputs.
            viewing_times_ms: See `Facts`.
        """
        params = variables["params"]
        self._sam = sam.clone(backend=resolve())
        self._program = functools.lru_cache(self._compile)
        self.facts = Facts(
            origin,
            sum(leaf.size for leaf in jax.tree.leaves(params)),
            sam.timesteps,
            sam.readout == "density",
            (input_size[0], input_size[1]),
            tuple((height, width) for height, width in buckets),
            resize_mode,
            tuple(viewing_times_ms),
        )
        self._prior_params = {
            block: {name: value for name, value in params[block].items() if name == "priors"}
            for block in BLOCKS
        }
        self.variables, self._tree = jax.tree.flatten(self.precompute(variables))

    def precompute(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Return variables with what depends on them alone, see `samjax.models.precompute`."""
        # That is computed once and not in every prediction. One timestep uses them all, and is
        # traced faster than several.
        once = self._sam.clone(timesteps=min(self._sam.timesteps, 1))
        return precompute(once, variables, self.facts.input_size)

    @functools.cached_property
    def priors(self) -> list[np.ndarray]:
        """The learned Gaussians of both prior blocks, each [4, N]; [] if it has none."""
        return gaussians(self._prior_params)

    def map_size(self, input_size: tuple[int, int]) -> tuple[int, int]:
        """Return the height and width of its map for an input of this size."""
        return map_size(self._sam, input_size)

    def run(self, images: jax.Array | np.ndarray, timesteps: int, all_timesteps: bool) -> SAMOutput:
        """Return its output for a batch of canvases, see `Network`."""
        on_cpu = is_cpu(self._sam.backend)
        shape = (1 if on_cpu else len(images), *images.shape[1:])
        program = functools.partial(
            self._program(timesteps, all_timesteps, shape, np.dtype(images.dtype)), self.variables
        )
        if on_cpu:
            return run_each(program, images, images_at_once(self.facts.parameters))
        return program(images)

    def function(self, timesteps: int, all_timesteps: bool) -> Callable[..., SAMOutput]:
        """Return the function of `variables` and images that `run` compiles."""
        sam, tree = self._sam.clone(timesteps=timesteps), self._tree

        def apply(leaves: list[jax.Array], images: jax.Array) -> SAMOutput:
            variables = jax.tree.unflatten(tree, leaves)
            return cast(SAMOutput, sam.apply(variables, images, all_timesteps=all_timesteps))

        return apply

    def _compile(
        self, timesteps: int, all_timesteps: bool, shape: tuple[int, ...], dtype: np.dtype
    ) -> jax.stages.Compiled:
        """Return the program for images of that shape and type."""
        jitted = jit_network(self.function(timesteps, all_timesteps), self.facts.parameters)
        return jitted.lower(self.variables, jax.ShapeDtypeStruct(shape, dtype)).compile()


def network_of(weights: Pretrained) -> TracedNetwork:
    """Return the network of weights.

    Raises:
        UserError: They are those of a backbone only.
    """
    if weights.kind != "sam":
        raise UserError(
            f"{weights.origin} holds a backbone only, which predicts no saliency; train with "
            f"--config.model.backbone_weights={weights.origin}"
        )
    return TracedNetwork(
        SAM(**weights.model),
        weights.variables,
        weights.input_size,
        weights.origin,
        weights.resize_mode,
        weights.buckets,
        weights.viewing_times_ms,
    )
