"""Distillation: the maps of a trained network, the teacher, are targets of the one in training.

The teacher sees the same images as the network, after their random changes, so that every change
brings a target of its own (Hinton et al., "Distilling the Knowledge in a Neural Network", 2015).
Some images may be blended with another one of the batch (Zhang et al., "mixup", ICLR 2018): nobody
has looked at a blend, and only the teacher says where one would look.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import jax
import jax.numpy as jnp

from samjax.data.canvas import Canvas
from samjax.errors import UserError
from samjax.models import SAM, SAMOutput
from samjax.models.backend import resolve
from samjax.models.sam import map_size
from samjax.training.experiment import Experiment
from samjax.training.restore import read_weights
from samjax.training.steps import TEACHER, Batch
from samjax.weights import Pretrained

# What people did with an image; unknown for a blend of two.
TRUTH = ("density", "counts", "timestep_density", "timestep_counts")


class Teacher:
    """A trained network, and what it adds to a batch.

    Attributes:
        variables: The network's, on the host. They are an argument of the compiled step, since as
            constants of it they would be compiled in.
    """

    def __init__(self, weights: Pretrained, experiment: Experiment) -> None:
        """Check that the teacher's maps have the grid of the network's.

        Args:
            weights: The teacher's.
            experiment: In which it teaches.

        Raises:
            UserError: The weights are a backbone's only, or give maps of another size.
        """
        if weights.kind != "sam":
            raise UserError(
                f"distill.teacher {weights.origin} holds a backbone only; name a whole network"
            )
        devices = experiment.mesh.devices.flat
        self.variables: Any = weights.variables
        self._model = SAM(**{**weights.model, "backend": resolve(devices)})
        self._mix = experiment.distillation.mix
        for canvas in experiment.canvases:
            _check_map(self._model, canvas, weights.origin)

    def __call__(self, batch: Batch, variables: Any, key: jax.Array) -> Batch:
        """Return the batch with the teacher's log-density, and some of its images blended.

        Args:
            batch: As of the training step.
            variables: The teacher's.
            key: Of the blends.
        """
        if self._mix:
            batch = blend(batch, self._mix, key)
        output = cast(SAMOutput, self._model.apply(variables, batch["image"]))
        return batch | {TEACHER: jax.lax.stop_gradient(output.log_density)}


def read_teacher(experiment: Experiment) -> Teacher | None:
    """Return the experiment's teacher, or None without one; UserError as of `Teacher`."""
    source = experiment.distillation.teacher
    if not source:
        return None
    weights = read_weights(source, offline=experiment.start.offline)
    return Teacher(weights, experiment)


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


def _check_map(teacher: SAM, canvas: Canvas, origin: str) -> None:
    size = map_size(teacher, canvas.input)
    if size != canvas.map:
        raise UserError(
            f"distill.teacher {origin} gives maps of {size} for inputs of {canvas.input}, the "
            f"network in training {canvas.map}; give both the same model.upsampling"
        )
