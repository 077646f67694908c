"""Fixations from the raw samples of an eye tracker, found by a velocity criterion.

The constants are those of `checkFixations` of the MIT1003 release: 240 samples per second, 34
pixels per degree, 6 degrees per second over a window of 4 samples, and nothing of 50 ms or less.
The rule is the textbook's (I-VT: Salvucci and Goldberg, Identifying fixations and saccades in
eye-tracking protocols, ETRA 2000), not that program line by line, which also looks at the
acceleration. The number of fixations differs from that program's by some per cent.
"""

from typing import NamedTuple

import numpy as np

SAMPLES_PER_SECOND = 240.0
PIXELS_PER_DEGREE = 34.0
MAX_VELOCITY = 6.0  # degrees per second; the gaze rests below it
WINDOW = 4  # samples over which the velocity is taken
MAX_IGNORED_SAMPLES = 12  # 50 ms; a rest of no more samples is not a fixation


class DetectedFixations(NamedTuple):
    """N fixations.

    Attributes:
        xy: float64 [N, 2], the median position (x, y) of the samples of each fixation.
        duration_ms: float64 [N].
    """

    xy: np.ndarray
    duration_ms: np.ndarray


def detect_fixations(samples: np.ndarray) -> DetectedFixations:
    """Return the fixations in a trial's samples.

    Args:
        samples: [M, 2] positions (x, y) in pixels at `SAMPLES_PER_SECOND`. A position that is
            negative or nan means that the tracker had lost the eye.
    """
    samples = np.asarray(samples, np.float64).reshape(-1, 2)
    valid = np.all((samples >= 0) & np.isfinite(samples), axis=1)
    resting = valid & (_velocity(samples, valid) < MAX_VELOCITY)
    # The sign changes of a 0/1 sequence are where runs of resting samples begin and end.
    padded = np.concatenate([[0], resting.astype(np.int8), [0]])
    runs = np.flatnonzero(np.diff(padded)).reshape(-1, 2).tolist()
    positions, durations = [], []
    for start, stop in runs:
        if stop - start > MAX_IGNORED_SAMPLES:
            positions.append(np.median(samples[start:stop], axis=0))
            durations.append((stop - start) * 1000 / SAMPLES_PER_SECOND)
    return DetectedFixations(np.array(positions).reshape(-1, 2), np.array(durations))


def _velocity(samples: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Return the velocity [M] in degrees per second around each of the samples [M, 2].

    It is taken between the two ends of the window around the sample. A window that holds a lost
    sample (`valid` [M] is false), or that reaches beyond the trial, is cut there.
    """
    numbers = np.arange(len(samples))
    # How many samples in a row are valid before each sample, and after it.
    lost = np.flatnonzero(~valid)
    next_lost = np.searchsorted(lost, numbers)
    valid_before = numbers - np.concatenate([[-1], lost])[next_lost] - 1
    valid_after = np.concatenate([lost, [len(samples)]])[next_lost] - numbers - 1
    first = numbers - np.clip(valid_before, 0, WINDOW // 2)
    last = numbers + np.clip(valid_after, 0, WINDOW // 2)
    with np.errstate(invalid="ignore"):  # lost samples may be nan; their velocity is not used
        degrees = np.linalg.norm(samples[last] - samples[first], axis=1) / PIXELS_PER_DEGREE
    intervals = np.maximum(last - first, 1)
    return np.where(last > first, degrees * SAMPLES_PER_SECOND / intervals, 0.0)
