"""Exponential smoothing of maps over time."""

import math

import numpy as np


class Smoother:
    """Smooths maps by a first-order low-pass of the time constant tau.

    In dt seconds the smoothed map s moves towards the map p that holds now:

        s <- s + w (p - s),    w = 1 - exp(-dt / tau)

    The first map is taken as it is. Because w follows the time and not the number of frames, a clip
    of 50 frames per second is smoothed as one of 25 is. The sum of densities stays 1.
    """

    def __init__(self, tau: float) -> None:
        """Smooth with tau seconds; 0 gives every map as it is."""
        self._tau = tau
        self._smoothed: np.ndarray | None = None
        self._time = 0.0

    def at(self, time: float, saliency: np.ndarray) -> np.ndarray:
        """Return the smoothed map, an array [H, W] that is not changed later.

        Args:
            time: In seconds, not before that of the last call.
            saliency: The map [H, W] that holds from that time on.
        """
        if self._smoothed is None or self._tau <= 0:
            self._smoothed = saliency
        else:
            weight = -math.expm1(-(time - self._time) / self._tau)
            self._smoothed = self._smoothed + np.float32(weight) * (saliency - self._smoothed)
        self._time = time
        return self._smoothed
