"""A trained network, ready to predict or to train on: from a work folder, a file or a name."""

import functools
from collections.abc import Sequence
from pathlib import Path

import jax
import numpy as np

from samjax import experiment, weights
from samjax.checkpoint import Checkpoints
from samjax.data.frames import nearest
from samjax.data.framing import frame
from samjax.errors import UserError
from samjax.models import SAM, SAMOutput
from samjax.models.prepared import prepare
from samjax.models.priors import gaussians
from samjax.weights import Weights


class Model:
    """A network with its variables. Calls compile once per shape of a batch and timestep count.

    frames: sizes of input and map, the first one that of `input_size`; an image is shown in that
      whose aspect is nearest its own. buckets: the inputs of the others.
    origin: where the variables come from, for reports; framing: see `samjax.data.framing`;
    parameters: how many numbers were learned; priors: the Gaussians [4, N] of both blocks, if any.
    """

    def __init__(
        self,
        sam: SAM,
        variables: dict,
        input_size: tuple[int, int],
        origin: str,
        framing: str = "letterbox",
        buckets: Sequence[tuple[int, int]] = (),
    ):
        self.sam, self.origin = sam, origin
        self.frames = experiment.frames_of(sam, input_size, buckets)
        self._framing = framing
        self._compiled = functools.lru_cache(self._compile)
        params = variables["params"]
        self.parameters = sum(leaf.size for leaf in jax.tree.leaves(params))
        self.priors = gaussians(params)
        self._variables = prepare(sam, variables, self.input_size)

    @property
    def input_size(self) -> tuple[int, int]:
        return self.frames[0].input

    @property
    def map_size(self) -> tuple[int, int]:
        return self.frames[0].map

    @property
    def density(self) -> bool:
        """Whether the map is a density: positive everywhere, sum 1."""
        return self.sam.readout == "density"

    def frame(self, image: np.ndarray) -> np.ndarray:
        """A photograph, RGB uint8 [H, W, 3], in the frame that it takes."""
        taken = self.frames[nearest(self.frames, *image.shape[:2])]
        return frame(image, *taken.input, self._framing)

    def __call__(
        self, images: jax.Array, timesteps: int | None = None, every_step: bool = False
    ) -> SAMOutput:
        """Images uint8 [B, H, W, 3] RGB, H and W of one frame -> maps; timesteps: other than in
        training."""
        timesteps = self.sam.timesteps if timesteps is None else timesteps
        if timesteps and not self.sam.timesteps:
            raise UserError(f"{self.origin} has no recurrence to take {timesteps} timesteps with")
        return self._compiled(timesteps, every_step)(self._variables, images)

    def _compile(self, timesteps: int, every_step: bool):
        sam = self.sam.clone(timesteps=timesteps)
        return jax.jit(functools.partial(sam.apply, every_step=every_step))


def load_model(source: str | Path, *, offline: bool = False) -> Model:
    """The network of a work folder (its best checkpoint), a weight file or a published name."""
    read = read_weights(source, offline=offline)
    if read.kind != "sam":
        raise UserError(
            f"{source} holds a backbone only, which predicts no saliency; train with "
            f"--config.model.backbone_weights={source}"
        )
    sam = SAM(**read.model)
    return Model(sam, read.variables, read.input_size, read.origin, read.framing, read.buckets)


def read_weights(source: str | Path, *, offline: bool = False) -> Weights:
    """The weights of a work folder, a weight file or a published name."""
    if Path(source).is_dir():
        return _of_workdir(Path(source))
    return weights.load(source, offline=offline)


def _of_workdir(workdir: Path) -> Weights:
    """The best checkpoint, by the score that training monitored."""
    config = experiment.load_config(workdir)
    checkpoints = Checkpoints(workdir / "checkpoints", config.train.keep)
    step = checkpoints.best_step
    if step is None:
        raise UserError(f"{workdir} has no checkpoint yet; train into it first")
    items = checkpoints.load(("params", "batch_stats", "ema"), step)
    checkpoints.close()
    variables = items["ema"] or {"params": items["params"], "batch_stats": items["batch_stats"]}
    if not variables["batch_stats"]:
        variables = {"params": variables["params"]}
    return Weights(
        "sam",
        jax.device_get(variables),
        experiment.model_fields(config) | {"dtype": experiment.dtype(config)},
        f"{workdir.resolve().name}, step {step}",
        sha256="",
        input_size=config.data.input_size,
        buckets=config.data.get("buckets", ()),  # a run of before there were any
    )
