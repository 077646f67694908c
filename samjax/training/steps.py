"""The training step and the evaluation step: pure functions of state and batch."""

from typing import Any

import jax
import jax.numpy as jnp
import optax

from samjax.models import SAM
from samjax.training import losses
from samjax.training.state import TrainState, inference_variables

# Averages that both steps report; an image counts where it has what the term needs.
NAMES = ("loss", "KL", "CC", "NSS", "LL")


def _sums(values: losses.Terms, loss: jax.Array, real: jax.Array) -> dict[str, Any]:
    """{name: (sum, count)} over the images where `real`."""
    columns = (loss, values.kl, values.cc, values.nss, values.log_likelihood)
    has = (real, *2 * (real & values.has_density,), *2 * (real & values.has_fixations,))
    return {
        name: (jnp.where(h, v, 0.0).sum(), h.sum())
        for name, v, h in zip(NAMES, columns, has, strict=True)
    }


def _per_image(
    output, batch, weights: losses.LossWeights, timestep_weights, collapse_repeats: bool
):
    """Terms [B] of the last timestep's map against all fixations, and the loss [B]."""
    values = losses.terms(
        output.saliency,
        output.log_density,
        batch["density"],
        batch["counts"],
        batch["mask"],
        collapse_repeats,
    )
    if not timestep_weights:
        return values, losses.total(values, weights)
    if output.timestep_saliency is None:
        return values, timestep_weights[-1] * losses.total(values, weights)
    of_steps = losses.terms_per_timestep(
        output.timestep_saliency,
        output.timestep_log_density,
        batch.get("timestep_density", batch["density"]),
        batch.get("timestep_counts", batch["counts"]),
        batch["mask"],
        collapse_repeats=collapse_repeats,
    )
    return values, losses.total(of_steps, weights) @ jnp.asarray(timestep_weights)


def _needs_all_timesteps(batch, timestep_weights: tuple[float, ...]) -> bool:
    """Whether the loss needs more than the last timestep's map against all fixations."""
    return any(timestep_weights[:-1]) or "timestep_density" in batch


def train_step(
    state: TrainState,
    batch: dict[str, jax.Array],
    *,
    model: SAM,
    tx: optax.GradientTransformation,
    weights: losses.LossWeights,
    timestep_weights: tuple[float, ...] = (),
    collapse_repeats: bool,
    ema_decay: float,
    seed: int,
) -> tuple[TrainState, dict]:
    """One optimisation step on a global batch; the metrics are {name: (sum, count)}.

    step_weights: of each timestep's loss, see `experiment.build_timestep_weights`.
    """
    key = jax.random.fold_in(jax.random.key(seed), state.step)

    def loss_of(params):
        output, updated = model.apply(
            {"params": params, "batch_stats": state.batch_stats},
            batch["image"],
            train=True,
            all_timesteps=_needs_all_timesteps(batch, timestep_weights),
            mutable=["batch_stats"],
            rngs={"dropout": key},
        )
        values, loss = _per_image(output, batch, weights, timestep_weights, collapse_repeats)
        return loss.mean(), (values, loss, updated.get("batch_stats", {}))

    (_, (values, loss, stats)), gradients = jax.value_and_grad(loss_of, has_aux=True)(state.params)
    updates, opt_state = tx.update(gradients, state.opt_state, state.params)
    params = optax.apply_updates(state.params, updates)
    metrics = _sums(values, loss, jnp.ones_like(loss, bool))
    metrics["gradient_norm"] = (optax.tree.norm(gradients), 1)
    learned = {"params": params, "batch_stats": stats}
    return state.replace(
        step=state.step + 1,
        params=params,
        batch_stats=stats,
        opt_state=opt_state,
        ema=moving_average(state.ema, learned, state.step, ema_decay) if state.ema else {},
    ), metrics


def moving_average(average, value, step: jax.Array, decay: float):
    """The average moved towards the value; faster in the first steps, whose values are far off."""
    decay = jnp.minimum(decay, (1.0 + step) / (10.0 + step))
    return jax.tree.map(lambda a, v: decay * a + (1 - decay) * v, average, value)


def eval_step(
    state: TrainState,
    batch: dict[str, jax.Array],
    *,
    model: SAM,
    weights: losses.LossWeights,
    timestep_weights: tuple[float, ...] = (),
    collapse_repeats: bool,
) -> dict:
    """{name: (sum, count)} of a batch at the map's resolution; rows with index -1 are padding."""
    all_timesteps = _needs_all_timesteps(batch, timestep_weights)
    output = model.apply(inference_variables(state), batch["image"], all_timesteps=all_timesteps)
    values, loss = _per_image(output, batch, weights, timestep_weights, collapse_repeats)
    return _sums(values, loss, batch["index"] >= 0)


def merge(*metrics: dict) -> dict:
    """Sums of several steps added up, on the host."""
    return {
        name: tuple(sum(float(m[name][i]) for m in metrics) for i in (0, 1)) for name in metrics[0]
    }


def compute(metrics: dict) -> dict[str, float]:
    """The averages; what no image had is left out."""
    return {name: float(total) / float(n) for name, (total, n) in metrics.items() if n > 0}
