"""Optimisers and learning-rate schedules, from plain values.

Schedules count UPDATES: with accumulation, several training steps make one update.
"""

from collections.abc import Mapping
from typing import Any

import jax
import optax

from samjax.errors import UserError

SCHEDULES = ("constant", "staircase", "warmup_cosine")
OPTIMIZERS = ("rmsprop", "adamw")


def make_schedule(
    kind: str,
    peak: float,
    updates: int,
    warmup: int = 0,
    boundaries: tuple[int, ...] = (),
) -> optax.Schedule:
    """Return the learning rate as a function of the number of updates.

    Args:
        kind: "constant"; "staircase", divided by 10 at each of the boundaries, as in the release;
            or "warmup_cosine", linear from 0 and then along a cosine to 0.
        peak: The highest learning rate.
        updates: The length of the whole schedule.
        warmup: The length of the linear part, in updates.
        boundaries: Of a staircase, in updates.

    Raises:
        UserError: There is no such schedule.
    """
    if kind == "constant":
        return optax.constant_schedule(peak)
    if kind == "staircase":
        return optax.piecewise_constant_schedule(peak, dict.fromkeys(boundaries, 0.1))
    if kind == "warmup_cosine":
        return optax.warmup_cosine_decay_schedule(0.0, peak, warmup, max(updates, warmup + 1))
    raise UserError(f"schedule {kind!r} is unknown; choose one of {', '.join(SCHEDULES)}")


def make_optimizer(
    name: str,
    schedule: optax.Schedule,
    weight_decay: float = 0.0,
    clip_norm: float = 0.0,
    factors: Mapping[str, float] | None = None,
    accumulate: int = 1,
    freeze_norms: bool = False,
) -> optax.GradientTransformation:
    """Return the whole chain: clip the gradient's norm, optimise, scale by part, accumulate.

    Args:
        name: "rmsprop", the release's (rho 0.9, epsilon 1e-8 added outside the root); or "adamw",
            whose weight decay is decoupled and spares biases, scales and priors.
        schedule: The learning rate.
        weight_decay: Of adamw, times the learning rate.
        clip_norm: The largest norm of the whole gradient; 0 does not clip.
        factors: Multiply the updates of the network's parts; 1 where none is given, 0 freezes.
        accumulate: How many steps' gradients are averaged into one update.
        freeze_norms: Keep the scales and biases of batch norms as they are.

    Raises:
        UserError: There is no such optimiser.
    """
    if name == "rmsprop":
        base = optax.rmsprop(schedule, decay=0.9, eps=1e-8, eps_in_sqrt=False)
    elif name == "adamw":
        base = optax.adamw(schedule, weight_decay=weight_decay, mask=is_kernel)
    else:
        raise UserError(f"optimizer {name!r} is unknown; choose one of {', '.join(OPTIMIZERS)}")
    clip = optax.clip_by_global_norm(clip_norm) if clip_norm else optax.identity()
    freeze = optax.masked(optax.set_to_zero(), is_norm) if freeze_norms else optax.identity()
    chain = optax.chain(clip, base, scale_by_part(factors or {}), freeze)
    if accumulate == 1:
        return chain
    return optax.MultiSteps(chain, accumulate).gradient_transformation()


def scale_by_part(factors: Mapping[str, float]) -> optax.GradientTransformation:
    """Multiply the updates of each top-level part of the parameters; by 1 where none is given."""

    def update(updates: dict[str, Any], _: Any) -> dict[str, Any]:
        return {
            part: optax.tree.scale(factors.get(part, 1.0), tree) for part, tree in updates.items()
        }

    return optax.stateless(update)


def is_kernel(params: Any) -> Any:
    """Return a tree of bools: True for what weight decay acts on.

    That is kernels, but no bias, scale or prior.
    """
    return jax.tree.map_with_path(
        lambda path, leaf: leaf.ndim > 1 and "kernel" in jax.tree_util.keystr(path), params
    )


def is_norm(params: Any) -> Any:
    """Return a tree of bools: True for the scales and biases of batch norms.

    These are the parameters below a part whose name contains "norm" or begins with "bn_".
    """

    def within_norm(path: tuple, _: Any) -> bool:
        return any("norm" in key.key or key.key.startswith("bn_") for key in path)

    return jax.tree.map_with_path(within_norm, params)
