"""The inputs of metrics_golden.json, rebuilt from their seeds with NumPy and SciPy only.

`metrics_golden.json` holds the metrics of three small random cases ("a", "b" and "ties") as other
people's code computes them:

pysaliency  by pysaliency 0.2.22, the library of the MIT/Tuebingen benchmark
cvzoya      by the MATLAB definitions of the MIT benchmark (github.com/cvzoya/saliency), transcribed
            to NumPy; the transcription gives the MATLAB values of a published example to 8 digits
            for NSS, CC and SIM. AUC_Borji and AUC_shuffled are averages over 400 random splits.
            AUC_Judd_jitter is one draw of MATLAB's jitter.
edge        edge cases of pysaliency

Nothing here is shared with samjax.
"""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter

# name: (seed, height, width, number of fixations, grey levels or None)
CASES = {"a": (1, 48, 64, 30, None), "b": (2, 60, 60, 200, None), "ties": (3, 48, 64, 60, 15)}


class GoldenCase(NamedTuple):
    """The inputs of the metrics, each float64 [H, W]."""

    saliency: np.ndarray
    counts: np.ndarray
    density: np.ndarray
    others: np.ndarray
    center_bias: np.ndarray


def random_case(
    seed: int, height: int, width: int, num_fixations: int, levels: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a saliency map [H, W] in 0..1, and the x and y [N] of fixations in pixels.

    Here an integer is the EDGE of a pixel, so that the pixel of a fixation is its floor.
    """
    rng = np.random.default_rng(seed)
    s = gaussian_filter(rng.random((height, width)), 3.0)
    s = (s - s.min()) / (s.max() - s.min())
    if levels:
        s = np.round(s * levels) / levels
    x = np.clip(rng.normal(0.5, 0.2, num_fixations) * width, 0, width - 1e-6)
    y = np.clip(rng.normal(0.5, 0.2, num_fixations) * height, 0, height - 1e-6)
    return s, x, y


def fixation_counts(x: np.ndarray, y: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return how many fixations fall in each pixel [H, W]."""
    counts = np.zeros((height, width))
    np.add.at(counts, (y.astype(int), x.astype(int)), 1)
    return counts


def case(name: str) -> GoldenCase:
    """Return the inputs of every figure of a named case in metrics_golden.json."""
    seed, height, width, num_fixations, levels = CASES[name]
    s, x, y = random_case(seed, height, width, num_fixations, levels)
    counts = fixation_counts(x, y, height, width)
    density = gaussian_filter(counts, 4.0, mode="reflect")
    _, other_x, other_y = random_case(seed + 100, height, width, 300)
    others = (fixation_counts(other_x, other_y, height, width) > 0).astype(float)
    yy, xx = np.mgrid[:height, :width]
    squares = ((xx + 0.5) / width - 0.5) ** 2 + ((yy + 0.5) / height - 0.5) ** 2
    return GoldenCase(s, counts, density, others, np.exp(-0.5 * squares / 0.25**2))
