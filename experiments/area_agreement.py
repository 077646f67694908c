"""How well predicted shares of attention agree with measured ones, over the cells of a grid."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from scipy import stats

from samjax.analysis.area import grid
from samjax.analysis.attention import area_shares, cover_areas
from samjax.data.coordinates import to_fractions
from samjax.data.example import Example
from samjax.evaluation.intervals import interval, paired_difference

MODEL, CENTER, PEOPLE = "model", "center bias", "half of the people"
Density = Callable[[Example], np.ndarray]


def measured_shares(points: np.ndarray, size: tuple[int, int], cells: int) -> np.ndarray:
    """Return the shares [cells * cells], row by row, of fixations that fall into a grid's cells.

    Args:
        points: [N, 2], x before y, in original pixels; those outside of the image do not count.
        size: (height, width) of the image.
        cells: Rows and columns of the grid.
    """
    fractions = to_fractions(points, size[::-1])
    inside = ((fractions >= 0) & (fractions < 1)).all(axis=1)
    columns, rows = np.floor(fractions[inside] * cells).astype(int).T
    counts = np.bincount(rows * cells + columns, minlength=cells * cells)
    return counts / max(counts.sum(), 1)


def predicted_shares(density: np.ndarray, cells: int) -> np.ndarray:
    """Return the shares [cells * cells], row by row, of a density [H, W] in a grid's cells."""
    return area_shares(density, cover_areas(grid(cells, cells), *density.shape))


def agreement(predicted: np.ndarray, measured: np.ndarray) -> tuple[float, float]:
    """Return Spearman's rank correlation over cells, and the mean absolute error of the shares."""
    is_flat = np.ptp(predicted) == 0 or np.ptp(measured) == 0
    correlation = np.nan if is_flat else float(stats.spearmanr(predicted, measured).statistic)
    return correlation, float(np.abs(predicted - measured).mean())


def compare(
    examples: Iterable[Example], densities: dict[str, Density], cells: int
) -> dict[str, np.ndarray]:
    """Return per method the agreement [N, 2] with the measured shares of N images.

    Args:
        examples: Images with fixations.
        densities: Per method, what gives the density of an image.
        cells: Rows and columns of the grid.
    """
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in (*densities, PEOPLE)}
    for example in examples:
        size = example.height, example.width
        measured = measured_shares(example.points, size, cells)
        for name, density in densities.items():
            found[name].append(agreement(predicted_shares(density(example), cells), measured))
        half = np.isin(example.subject, np.unique(example.subject)[::2])
        parts = [measured_shares(example.points[s], size, cells) for s in (half, ~half)]
        found[PEOPLE].append(agreement(*parts))
    return {name: np.array(rows) for name, rows in found.items()}


def summary(scores: dict[str, np.ndarray]) -> dict[str, dict[str, Any]]:
    """Return per method, and for model - center bias, mean and interval of both measures."""
    measures = ("rank correlation", "mean absolute error")
    rows = {
        name: {m: interval(values[:, k])._asdict() for k, m in enumerate(measures)}
        for name, values in scores.items()
    }
    ours, theirs = scores[MODEL], scores[CENTER]
    rows[f"{MODEL} - {CENTER}"] = {
        m: paired_difference(ours[:, k], theirs[:, k])._asdict() for k, m in enumerate(measures)
    }
    return rows
