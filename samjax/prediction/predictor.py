"""A trained network, ready to predict: from a work folder, a weight file or a published name."""

import functools
from collections.abc import Sequence
from pathlib import Path

import jax
import numpy as np

from samjax.data.canvas import nearest
from samjax.data.resize_mode import to_canvas
from samjax.errors import UserError
from samjax.models import SAM, SAMOutput
from samjax.models.backend import resolve
from samjax.models.precompute import precompute
from samjax.models.priors import gaussians
from samjax.training import config as experiment
from samjax.training.restore import read_weights


class Model:
    """A network with its variables. Calls compile once per shape of a batch and timestep count.

    frames: sizes of input and map, the first one that of `input_size`; an image is shown in that
      whose aspect is nearest its own. buckets: the inputs of the others.
    origin: where the variables come from, for reports; resize_mode: see `samjax.data.resize_mode`;
    parameters: how many numbers were learned; priors: the Gaussians [4, N] of both blocks, if any.
    """

    def __init__(
        self,
        sam: SAM,
        variables: dict,
        input_size: tuple[int, int],
        origin: str,
        resize_mode: str = "letterbox",
        buckets: Sequence[tuple[int, int]] = (),
    ):
        sam = sam.clone(backend=resolve())
        self.sam, self.origin = sam, origin
        self.canvases = experiment.canvases_of(sam, input_size, buckets)
        self._resize_mode = resize_mode
        self._compiled = functools.lru_cache(self._compile)
        params = variables["params"]
        self.parameters = sum(leaf.size for leaf in jax.tree.leaves(params))
        self.priors = gaussians(params)
        self._variables = precompute(sam, variables, self.input_size)

    @property
    def input_size(self) -> tuple[int, int]:
        return self.canvases[0].input

    @property
    def map_size(self) -> tuple[int, int]:
        return self.canvases[0].map

    @property
    def density(self) -> bool:
        """Whether the map is a density: positive everywhere, sum 1."""
        return self.sam.readout == "density"

    def to_canvas(self, image: np.ndarray) -> np.ndarray:
        """A photograph, RGB uint8 [H, W, 3], in the frame that it takes."""
        taken = self.canvases[nearest(self.canvases, *image.shape[:2])]
        return to_canvas(image, *taken.input, self._resize_mode)

    def __call__(
        self, images: jax.Array, timesteps: int | None = None, all_timesteps: bool = False
    ) -> SAMOutput:
        """Images uint8 [B, H, W, 3] RGB, H and W of one frame -> maps; timesteps: other than in
        training."""
        timesteps = self.sam.timesteps if timesteps is None else timesteps
        if timesteps and not self.sam.timesteps:
            raise UserError(f"{self.origin} has no recurrence to take {timesteps} timesteps with")
        return self._compiled(timesteps, all_timesteps)(self._variables, images)

    def _compile(self, timesteps: int, all_timesteps: bool):
        sam = self.sam.clone(timesteps=timesteps)
        return jax.jit(functools.partial(sam.apply, all_timesteps=all_timesteps))


def load_model(source: str | Path, *, offline: bool = False) -> Model:
    """The network of a work folder (its best checkpoint), a weight file or a published name."""
    read = read_weights(source, offline=offline)
    if read.kind != "sam":
        raise UserError(
            f"{source} holds a backbone only, which predicts no saliency; train with "
            f"--config.model.backbone_weights={source}"
        )
    sam = SAM(**read.model)
    return Model(sam, read.variables, read.input_size, read.origin, read.resize_mode, read.buckets)
