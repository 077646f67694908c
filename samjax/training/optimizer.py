"""Optimisers and learning-rate schedules, from plain values.

An epoch here is a number of UPDATES: with accumulation, several training steps make one update.
"""

from collections.abc import Mapping

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
    """Learning rate by update.

    "constant"; "staircase": divided by 10 at each of `boundaries` (updates), as the release's;
    "warmup_cosine": linear from 0 over `warmup` updates, then a cosine to 0 at `updates`.
    """
    if kind == "constant":
        return optax.constant_schedule(peak)
    if kind == "staircase":
        return optax.piecewise_constant_schedule(peak, dict.fromkeys(boundaries, 0.1))
    if kind == "warmup_cosine":
        return optax.warmup_cosine_decay_schedule(0.0, peak, warmup, max(updates, warmup + 1))
    raise UserError(f"schedule {kind!r} is unknown; choose one of {', '.join(SCHEDULES)}")


def scale_by_part(factors: Mapping[str, float]) -> optax.GradientTransformation:
    """Multiplies the updates of each top-level part of the tree; 1 where none is given."""

    def update(updates, _):
        factor = {part: factors.get(part, 1.0) for part in updates}
        return {part: optax.tree.scale(factor[part], tree) for part, tree in updates.items()}

    return optax.stateless(update)


def is_kernel(params) -> dict:
    """True for what weight decay acts on: kernels, but no bias, scale or prior."""
    return jax.tree.map_with_path(
        lambda path, leaf: leaf.ndim > 1 and "kernel" in jax.tree_util.keystr(path), params
    )


def is_norm(params) -> dict:
    """True for the scales and biases of batch norms, which are named ...norm... or bn_...."""

    def within_norm(path, _) -> bool:
        return any("norm" in key.key or key.key.startswith("bn_") for key in path)

    return jax.tree.map_with_path(within_norm, params)


def make_optimizer(
    name: str,
    schedule: optax.Schedule,
    weight_decay: float = 0.0,
    clip_norm: float = 0.0,
    factors: Mapping[str, float] | None = None,
    accumulate: int = 1,
    freeze_norms: bool = False,
) -> optax.GradientTransformation:
    """The whole chain: clip the gradient's global norm, optimise, scale by part, accumulate.

    "rmsprop" is the release's (rho .9, epsilon 1e-8 outside the root); "adamw" decouples the
    weight decay and spares biases, scales and priors from it. clip_norm: 0 for none.
    freeze_norms: the scales and biases of batch norms stay as they are.
    """
    if name == "rmsprop":
        base = optax.rmsprop(schedule, decay=0.9, eps=1e-8, eps_in_sqrt=False)
    elif name == "adamw":
        base = optax.adamw(schedule, weight_decay=weight_decay, mask=is_kernel)
    else:
        raise UserError(f"optimizer {name!r} is unknown; choose one of {', '.join(OPTIMIZERS)}")
    clip = optax.clip_by_global_norm(clip_norm) if clip_norm else optax.identity()
    still = optax.masked(optax.set_to_zero(), is_norm) if freeze_norms else optax.identity()
    chain = optax.chain(clip, base, scale_by_part(factors or {}), still)
    if accumulate == 1:
        return chain
    return optax.MultiSteps(chain, accumulate).gradient_transformation()
