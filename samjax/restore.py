"""A trained model, ready to predict, from a work folder."""

import functools
from pathlib import Path

import jax

from samjax import experiment
from samjax.checkpoint import Checkpoints
from samjax.errors import UserError
from samjax.models import SAM, SAMOutput
from samjax.models.sam import map_size


class Model:
    """A network with its variables. Calls compile once per batch size and timestep count.

    origin: where the variables come from, for reports.
    """

    def __init__(self, sam: SAM, variables: dict, input_size: tuple[int, int], origin: str):
        self.sam, self.input_size, self.origin = sam, tuple(input_size), origin
        self.map_size = map_size(sam, self.input_size)
        self._variables = jax.device_put(variables)

    @property
    def density(self) -> bool:
        """Whether the map is a density: positive everywhere, sum 1."""
        return self.sam.readout == "density"

    def __call__(
        self, images: jax.Array, timesteps: int | None = None, every_step: bool = False
    ) -> SAMOutput:
        """Images uint8 [B, *input_size, 3] RGB -> maps; timesteps: other than in training."""
        return self._compiled(timesteps or self.sam.timesteps, every_step)(self._variables, images)

    @functools.lru_cache  # noqa: B019, a model lives as long as the program
    def _compiled(self, timesteps: int, every_step: bool):
        if timesteps < 1:
            raise UserError(f"timesteps {timesteps} is less than 1; choose 1 or more")
        sam = self.sam.clone(timesteps=timesteps)
        return jax.jit(functools.partial(sam.apply, every_step=every_step))


def load_model(weights: str | Path) -> Model:
    """The best checkpoint of a work folder (by the score that training monitored)."""
    workdir = Path(weights)
    config = experiment.load_config(workdir)
    checkpoints = Checkpoints(workdir / "checkpoints", config.train.keep)
    step = checkpoints.best_step
    if step is None:
        raise UserError(f"{workdir} has no checkpoint yet; train into it first")
    items = checkpoints.load(("params", "batch_stats", "ema"), step)
    checkpoints.close()
    variables = items["ema"] or {"params": items["params"], "batch_stats": items["batch_stats"]}
    model = experiment.build_model(config)
    return Model(model, variables, config.data.input_size, f"{workdir.name}, step {step}")
