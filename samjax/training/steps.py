"""The training step and the evaluation step: pure functions of a state and a batch.

batch["image"]             [B, H, W, 3]     uint8, RGB
batch["features"]          [B, h', w', C]   or in their place what the frozen backbone makes of them
batch["density"]           [B, h, w]        where people looked, blurred; all 0 where unknown
batch["counts"]            [B, h, w]        fixations per cell; all 0 where unknown
batch["mask"]              [B, h, w]        True on image content
batch["index"]             [B]              position in the data; -1 for rows that are padding
batch["timestep_density"]  [B, T, h, w]     with viewing times: each timestep's own density
batch["timestep_counts"]   [B, T, h, w]     likewise
batch["teacher"]           [B, h, w]        with a teacher: the log-density that it predicts
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

import jax
import jax.numpy as jnp
import optax

from samjax.models import SAM, SAMOutput
from samjax.training import losses
from samjax.training.losses import LossOptions, Terms
from samjax.training.metrics import BatchMetrics
from samjax.training.state import TrainState, inference_variables

Batch = dict[str, jax.Array]

TEACHER = "teacher"
"""The key of the teacher's log-density in a batch, see `samjax.training.teacher`."""


def train_step(
    state: TrainState,
    batch: Batch,
    key: jax.Array,
    *,
    model: SAM,
    tx: optax.GradientTransformation,
    loss: LossOptions,
    ema_decay: float,
    frozen: Sequence[str] = (),
) -> tuple[TrainState, BatchMetrics]:
    """Return the state after one optimisation step on a global batch, and the batch's metrics.

    Args:
        state: Its step decides the dropout, so the same step draws the same masks after a resume.
        batch: See above.
        key: Of the dropout of all steps.
        model: The network.
        tx: The optimiser.
        loss: The weights of the loss's terms and timesteps.
        ema_decay: Of the moving average of the parameters, where the state keeps one.
        frozen: Parts of the network that do not learn. They have no gradient, so that none is
            computed and the norm is that of the others' alone.
    """
    of_params = partial(
        mean_loss,
        batch_stats=state.batch_stats,
        batch=batch,
        dropout_key=jax.random.fold_in(key, state.step),
        model=model,
        loss=loss,
        frozen=frozen,
    )
    (_, (terms, per_image, batch_stats)), gradients = jax.value_and_grad(of_params, has_aux=True)(
        state.params
    )
    updates, opt_state = tx.update(gradients, state.opt_state, state.params)
    params = optax.apply_updates(state.params, updates)
    learned = {"params": params, "batch_stats": batch_stats}
    new_state = replace(
        state,
        step=state.step + 1,
        params=params,
        batch_stats=batch_stats,
        opt_state=opt_state,
        ema=moving_average(state.ema, learned, state.step, ema_decay) if state.ema else {},
    )
    counted = jnp.ones_like(per_image, bool)
    return new_state, BatchMetrics.of(terms, per_image, counted, optax.tree.norm(gradients))


def mean_loss(
    params: Any,
    *,
    batch_stats: Any,
    batch: Batch,
    dropout_key: jax.Array,
    model: SAM,
    loss: LossOptions,
    frozen: Sequence[str] = (),
) -> tuple[jax.Array, tuple[Terms, jax.Array, Any]]:
    """Return the loss of a batch in training, and (terms, losses [B], new statistics).

    Args:
        params: The network's parameters, by which it is differentiated.
        batch_stats: The running statistics before the step.
        batch: See above.
        dropout_key: Of this step's dropout.
        model: The network.
        loss: The weights of the loss's terms and timesteps.
        frozen: Parts of the network that have no gradient.
    """
    output, updated = model.apply(
        {"params": _hold(params, frozen), "batch_stats": batch_stats},
        **_inputs(batch),
        train=True,
        all_timesteps=needs_all_timesteps(batch, loss),
        mutable=["batch_stats"],
        rngs={"dropout": dropout_key},
    )
    terms, per_image = image_losses(output, batch, loss)
    return per_image.mean(), (terms, per_image, updated.get("batch_stats", {}))


def eval_step(state: TrainState, batch: Batch, *, model: SAM, loss: LossOptions) -> BatchMetrics:
    """Return the metrics of a batch at the map's resolution; rows with index -1 do not count."""
    output = cast(
        SAMOutput,
        model.apply(
            inference_variables(state),
            **_inputs(batch),
            all_timesteps=needs_all_timesteps(batch, loss),
        ),
    )
    terms, per_image = image_losses(output, batch, loss)
    return BatchMetrics.of(terms, per_image, batch["index"] >= 0)


def image_losses(output: SAMOutput, batch: Batch, loss: LossOptions) -> tuple[Terms, jax.Array]:
    """Return the terms [B] of the last timestep's map against all fixations, and the loss [B].

    With a teacher, its weighted divergence from the last timestep's map is added to the loss.
    """
    terms, per_image = _losses_against_truth(output, batch, loss)
    if TEACHER not in batch:
        return terms, per_image
    divergence = losses.divergence(output.log_density, batch[TEACHER], batch["mask"])
    return terms, per_image + loss.distillation * divergence


def _losses_against_truth(
    output: SAMOutput, batch: Batch, loss: LossOptions
) -> tuple[Terms, jax.Array]:
    """Return the terms and the loss as `image_losses` does, without a teacher."""
    terms = losses.terms(
        output.saliency,
        output.log_density,
        batch["density"],
        batch["counts"],
        batch["mask"],
        loss.collapse_repeats,
    )
    if not loss.timestep_weights:
        return terms, losses.total(terms, loss.weights)
    if (
        output.timestep_saliency is None or output.timestep_log_density is None
    ):  # only the last timestep has a weight
        return terms, loss.timestep_weights[-1] * losses.total(terms, loss.weights)
    per_timestep = losses.terms_per_timestep(
        output.timestep_saliency,
        output.timestep_log_density,
        batch.get("timestep_density", batch["density"]),
        batch.get("timestep_counts", batch["counts"]),
        batch["mask"],
        loss.collapse_repeats,
    )
    weighted = losses.total(per_timestep, loss.weights) @ jnp.asarray(loss.timestep_weights)
    return terms, weighted


def needs_all_timesteps(batch: Batch, loss: LossOptions) -> bool:
    """Return whether the loss needs more than the last timestep's map against all fixations."""
    return any(loss.timestep_weights[:-1]) or "timestep_density" in batch


def moving_average(average: Any, value: Any, step: jax.Array, decay: float) -> Any:
    """Return the average moved towards the value.

    It moves faster in the first steps, whose values are far from those of a trained network.
    """
    slow = jnp.minimum(decay, (1.0 + step) / (10.0 + step))
    # By the difference: so the average of what never changes, a frozen part, is exactly that.
    return jax.tree.map(lambda a, v: a + (1 - slow) * (v - a), average, value)


def _inputs(batch: Batch) -> dict[str, Any]:
    """Return the arguments of the network for a batch of images, or of their features."""
    return {"images": batch.get("image"), "features": batch.get("features")}


def _hold(params: dict[str, Any], frozen: Sequence[str]) -> dict[str, Any]:
    """Return the parameters, those of frozen parts without a gradient."""
    hold = jax.lax.stop_gradient
    return {part: hold(tree) if part in frozen else tree for part, tree in params.items()}
