"""Distillation: the maps of trained networks, the teachers, are targets of the one in training.

The teachers see the same images as the network, after their random changes, so that every change
brings a target of its own (Hinton et al., "Distilling the Knowledge in a Neural Network", 2015).
Several teachers teach the mean of their densities, as an ensemble of that paper does. Some images
may be blended with another one of the batch (Zhang et al., "mixup", ICLR 2018): nobody has looked
at a blend, and only the teachers say where one would look.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np

from samjax.data.canvas import Canvas
from samjax.errors import UserError
from samjax.models import SAM, SAMOutput
from samjax.models.backend import resolve
from samjax.training.experiment import Experiment
from samjax.training.map_sizes import map_size
from samjax.training.restore import read_weights
from samjax.training.steps import TEACHER, Batch
from samjax.weights import Pretrained

# What people did with an image; unknown for a blend of two.
TRUTH = ("density", "counts", "timestep_density", "timestep_counts")


class Teacher:
    """Trained networks, and what they add to a batch.

    Attributes:
        variables: The networks', on the host. They are an argument of the compiled step, since as
            constants of it they would be compiled in.
    """

    def __init__(self, networks: Sequence[Pretrained], experiment: Experiment) -> None:
        """Check that the teachers' maps have the grid of the network's.

        Args:
            networks: The teachers'; the mean of their densities is taught.
            experiment: In which they teach.

        Raises:
            UserError: Weights are a backbone's only, or give maps of another size.
        """
        self.variables: Any = tuple(weights.variables for weights in networks)
        self._models = [_model(weights, experiment) for weights in networks]
        self._mix = experiment.distillation.mix

    def __call__(self, batch: Batch, variables: Any, key: jax.Array) -> Batch:
        """Return the batch with the teachers' log-density, and some of its images blended.

        Args:
            batch: As of the training step.
            variables: The teachers'.
            key: Of the blends.
        """
        if self._mix:
            batch = blend(batch, self._mix, key)
        maps = [
            cast(SAMOutput, model.apply(own, batch["image"])).log_density
            for model, own in zip(self._models, variables, strict=True)
        ]
        mean = jax.nn.logsumexp(jnp.stack(maps), axis=0) - np.log(len(maps))
        return batch | {TEACHER: jax.lax.stop_gradient(mean)}


def read_teacher(experiment: Experiment) -> Teacher | None:
    """Return the experiment's teacher, or None without one; UserError as of `Teacher`."""
    sources = experiment.distillation.teachers
    if not sources:
        return None
    offline = experiment.start.offline
    return Teacher([read_weights(source, offline=offline) for source in sources], experiment)


def blend(batch: Batch, fraction: float, key: jax.Array) -> Batch:
    """Return the batch with a fraction of its images, drawn by the key, blended with another one.

    Image i is blended with image B - 1 - i, each pixel with the same share of 0.3 to 0.7. What
    people did with such an image is set to 0, "unknown"; the mask becomes that of both images.
    """
    which, how_much = jax.random.split(key)
    size = len(batch["image"])
    other = jax.tree.map(partial(jnp.flip, axis=0), batch)
    blended = jax.random.uniform(which, (size,)) < fraction
    share = jax.random.uniform(how_much, (size,), minval=0.3, maxval=0.7)
    # An image in the middle of an odd batch would be blended with itself.
    blended &= jnp.arange(size) != size - 1 - jnp.arange(size)

    def where_blended(new: jax.Array, old: jax.Array) -> jax.Array:
        return jnp.where(blended.reshape(-1, *[1] * (old.ndim - 1)), new, old)

    share = share.reshape(-1, 1, 1, 1)
    images = share * batch["image"] + (1 - share) * other["image"]
    images = jnp.round(images).astype(batch["image"].dtype)
    unknown = {name: jnp.zeros_like(batch[name]) for name in TRUTH if name in batch}
    new = {"image": images, "mask": batch["mask"] | other["mask"], **unknown}
    return batch | {name: where_blended(value, batch[name]) for name, value in new.items()}


def teaching(step: Callable, teacher: Teacher) -> Callable:
    """Return a training step (state, batch, key, teacher's variables) that learns from the teacher.

    Args:
        step: A training step (state, batch, key), where the key is given as its numbers.
        teacher: Adds its maps to each batch.
    """

    def taught_step(state: Any, batch: Batch, key: jax.Array, variables: Any) -> Any:
        # The state's step decides the blends, so that a resumed run draws the same. The dropout's
        # key is the key folded with the step alone.
        at_step = jax.random.fold_in(jax.random.wrap_key_data(key), state.step)
        return step(state, teacher(batch, variables, jax.random.fold_in(at_step, 1)), key)

    return taught_step


def _model(weights: Pretrained, experiment: Experiment) -> SAM:
    if weights.kind != "sam":
        raise UserError(
            f"distill.teacher {weights.origin} holds a backbone only; name a whole network"
        )
    model = SAM(**{**weights.model, "backend": resolve(experiment.mesh.devices.flat)})
    for canvas in experiment.canvases:
        _check_map(model, canvas, weights.origin)
    return model


def _check_map(teacher: SAM, canvas: Canvas, origin: str) -> None:
    size = map_size(teacher, canvas.input)
    if size != canvas.map:
        raise UserError(
            f"distill.teacher {origin} gives maps of {size} for inputs of {canvas.input}, the "
            f"network in training {canvas.map}; give both the same model.upsampling"
        )
