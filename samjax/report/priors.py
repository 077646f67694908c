"""The learned priors as contours: ellipses around each Gaussian, before and after training."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
import optax

from samjax.models import SAM
from samjax.models.priors import BLOCKS, gaussians
from samjax.training.state import create_state

LEVELS = (0.5, 0.9)
"""The contours that are drawn, as fractions of the Gaussian's maximum."""


class PriorChange(NamedTuple):
    """One Gaussian of a block of priors, after training and before it.

    Both are (mu_x, mu_y, sigma_x, sigma_y) in widths of the image.

    Attributes:
        learned: The Gaussian of the trained model.
        initial: The Gaussian that training began with; None where that is not known.
    """

    learned: tuple[float, ...]
    initial: tuple[float, ...] | None

    @property
    def moved(self) -> float:
        """The distance between the two means, in widths of the image."""
        return math.dist(self.learned[:2], self.initial[:2]) if self.initial else 0.0


def collect(
    learned: Sequence[np.ndarray], initial: Sequence[np.ndarray] | None
) -> list[list[PriorChange]]:
    """Return the Gaussians of each block of priors, in the order of the parameters.

    Args:
        learned: The trained model's Gaussians, [4, N] for each block.
        initial: Those that training began with, likewise; None where they are not known.
    """
    blocks = []
    for block, after in enumerate(learned):
        before = None if initial is None else _columns(initial[block])
        changes = []
        for k, gaussian in enumerate(_columns(after)):
            changes.append(PriorChange(gaussian, None if before is None else before[k]))
        blocks.append(changes)
    return blocks


def initial_gaussians(model: SAM, seed: int, input_size: tuple[int, int]) -> list[np.ndarray]:
    """Return the Gaussians, [4, N] for each block, that a training starts from.

    The first state of the training is compiled as one program that returns nothing but the priors,
    so that nothing else of it is computed.

    Args:
        model: The network that is trained.
        seed: Of the training.
        input_size: Height and width of its images.
    """

    def initial_priors(key: jax.Array) -> dict[str, Any]:
        state = create_state(model, optax.identity(), key, input_size, keep_ema=False)
        return {block: {"priors": state.params[block]["priors"]} for block in BLOCKS}

    return gaussians(jax.jit(initial_priors)(jax.random.key(seed)))


def ellipse_radii(gaussian: tuple[float, ...], level: float) -> tuple[float, float]:
    """Return the half axes of the ellipse on which a Gaussian has `level` of its maximum.

    From exp(-r^2 / (2 sigma^2)) = level follows r = sigma sqrt(-2 ln level).
    """
    reach = math.sqrt(-2 * math.log(level))
    return gaussian[2] * reach, gaussian[3] * reach


def _columns(values: np.ndarray) -> list[tuple[float, ...]]:
    """Return the N columns of an array [4, N] as tuples."""
    return [tuple(float(value) for value in column) for column in values.T]
