"""Predicted against measured shares of attention: is what `samjax areas` says true?

    python -m experiments.areas_against_eyes --dataset=osie --split=validation --images=100

For each image, the shares of the cells of a grid are predicted, and compared with the shares of
fixations that fell into them: by the rank correlation over the cells and by the mean absolute
error. Beside the model stand the center bias, fitted to the training split, and people: the shares
of half of the subjects against those of the other half.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from absl import flags
from scipy import stats

from experiments.launch import launch
from samjax.analysis.area import grid
from samjax.analysis.attention import area_shares, cover_areas
from samjax.console.progress import track
from samjax.console.table import format_table
from samjax.data.coordinates import to_fractions
from samjax.data.example import Example
from samjax.data.images import decode_stimulus
from samjax.data.sources import Source, open_dataset
from samjax.evaluation.center_bias import fit_center_bias
from samjax.evaluation.intervals import interval, paired_difference
from samjax.files.json_file import write_json
from samjax.prediction.predictor import load_model

_DATASET = flags.DEFINE_string("dataset", "osie", "A prepared dataset.")
_SPLIT = flags.DEFINE_string("split", "validation", "Whose images are predicted.")
_BASELINE_SPLIT = flags.DEFINE_string("baseline_split", "train", "Of the center bias.")
_DATA_DIR = flags.DEFINE_string("data_dir", None, "Where prepared datasets are.")
_WEIGHTS = flags.DEFINE_string("weights", None, "The bundled model if not set.")
_IMAGES = flags.DEFINE_integer("images", 100, "How many images, from the first on.", lower_bound=2)
_CELLS = flags.DEFINE_integer("cells", 4, "Rows and columns of the grid.", lower_bound=2)
_OUTPUT = flags.DEFINE_string("output", None, "A JSON file for the numbers.")

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


def run() -> None:
    """Run the program with the values of its flags."""
    dataset = open_dataset(_DATASET.value, _DATA_DIR.value)
    source, others = Source(dataset, _SPLIT.value), Source(dataset, _BASELINE_SPLIT.value)
    model = load_model(_WEIGHTS.value)
    center = fit_center_bias(others[i] for i in track(range(len(others)), len(others), "fitting"))
    densities: dict[str, Density] = {
        MODEL: lambda example: model(decode_stimulus(example.image)).density,
        CENTER: lambda example: center.draw(example.height, example.width),
    }
    count = min(_IMAGES.value, len(source))
    examples = (source[i] for i in track(range(count), count, "predicting"))
    rows = summary(compare(examples, densities, _CELLS.value))
    table = [["", *next(iter(rows.values()))]]
    for name, cells in rows.items():
        texts = (f"{c['mean']:.3f} [{c['low']:.3f}, {c['high']:.3f}]" for c in cells.values())
        table.append([name, *texts])
    print(format_table(table))
    if _OUTPUT.value:
        about = {"dataset": dataset.name, "split": source.title, "images": count}
        write_json(_OUTPUT.value, about | {"cells": _CELLS.value, "rows": rows})


if __name__ == "__main__":
    launch(run)
