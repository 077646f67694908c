"""Fixations from the raw samples of an eye tracker, by a velocity criterion.

The constants are those of `checkFixations` of the MIT1003 release: 240 Hz, 34 pixels per degree, 6
degrees per second over a window of 4 samples, nothing of 50 ms or less. The rule is the textbook's
(I-VT: Salvucci and Goldberg, ETRA 2000), not that program line by line, which also looks at the
acceleration: counts differ from it by some per cent.
"""

from typing import NamedTuple

import numpy as np

RATE = 240.0  # samples per second
PIXELS_PER_DEGREE = 34.0
CRITERION = 6.0  # degrees per second
WINDOW = 4  # samples over which the velocity is taken
SHORTEST = 12  # samples; a fixation has more


class Gaze(NamedTuple):
    """F fixations: positions [F, 2] as the samples' medians, durations [F] in ms."""

    xy: np.ndarray
    duration_ms: np.ndarray


def fixations(samples: np.ndarray) -> Gaze:
    """Of samples [N, 2] (x, y) in pixels; negative or nan: the eye was lost."""
    samples = np.asarray(samples, np.float64).reshape(-1, 2)
    seen = ((samples >= 0) & np.isfinite(samples)).all(axis=1)
    still = seen & (_speed(samples, seen) < CRITERION)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still.astype(np.int8), [0]])))
    runs = [(a, b) for a, b in edges.reshape(-1, 2).tolist() if b - a > SHORTEST]
    xy = [np.median(samples[a:b], axis=0) for a, b in runs]
    return Gaze(
        np.array(xy).reshape(-1, 2),
        np.array([(b - a) * 1000 / RATE for a, b in runs]),
    )


def _speed(samples: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Degrees per second [N] between the ends of the window around each sample; a window that
    holds a lost sample, or ends beyond the trial, is cut there."""
    numbers = np.arange(len(samples))
    # How many samples in a row were seen up to here, and from here on.
    lost = np.flatnonzero(~seen)
    before = numbers - np.concatenate([[-1], lost])[np.searchsorted(lost, numbers)] - 1
    after = np.concatenate([lost, [len(samples)]])[np.searchsorted(lost, numbers)] - numbers - 1
    first = numbers - np.clip(before, 0, WINDOW // 2)
    last = numbers + np.clip(after, 0, WINDOW // 2)
    with np.errstate(invalid="ignore"):
        moved = np.linalg.norm(samples[last] - samples[first], axis=1) / PIXELS_PER_DEGREE
    return np.where(last > first, moved * RATE / np.maximum(last - first, 1), 0.0)
