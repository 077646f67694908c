"""The learned priors as contours: ellipses around each Gaussian, before and after training."""

import math
from typing import NamedTuple

import jax
import numpy as np
import optax
from ml_collections import ConfigDict

from samjax.models.priors import BLOCKS, gaussians
from samjax.training.config import build_model
from samjax.training.state import create_state

LEVELS = (0.5, 0.9)  # of the Gaussian's maximum


class Prior(NamedTuple):
    """One Gaussian: (mu_x, mu_y, sigma_x, sigma_y) in widths of the image, learned and initial.

    initial is None where training did not start from random values.
    """

    learned: tuple[float, ...]
    initial: tuple[float, ...] | None

    @property
    def moved(self) -> float:
        """Distance of the means, in widths of the image."""
        return math.dist(self.learned[:2], self.initial[:2]) if self.initial else 0.0


def collect(learned: list[np.ndarray], config: ConfigDict) -> list[list[Prior]]:
    """The Gaussians [4, N] of each block of priors, in the order of the parameters."""
    if not learned:
        return []
    initial = None if config.train.start_from else initial_gaussians(config)
    return [
        [
            Prior(_column(after, k), None if initial is None else _column(initial[block], k))
            for k in range(after.shape[1])
        ]
        for block, after in enumerate(learned)
    ]


def initial_gaussians(config: ConfigDict) -> list[np.ndarray]:
    """Those that training with this config and seed starts from.

    Compiled as one program, so that nothing but the priors is computed.
    """
    model = build_model(config)

    def params():
        state = create_state(
            model, optax.identity(), config.train.seed, config.data.input_size, keep_ema=False
        )
        return {block: {"priors": state.params[block]["priors"]} for block in BLOCKS}

    return gaussians(jax.jit(params)())


def radii(prior: tuple[float, ...], level: float) -> tuple[float, float]:
    """Half axes of the ellipse on which the Gaussian has `level` of its maximum."""
    reach = math.sqrt(-2 * math.log(level))
    return prior[2] * reach, prior[3] * reach


def _column(values: np.ndarray, k: int) -> tuple[float, ...]:
    return tuple(float(v) for v in values[:, k])
