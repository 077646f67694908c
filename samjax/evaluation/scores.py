"""What is scored, and the scores of many images."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from samjax.metrics.optimal import MetricMaps

MODEL = "model"  # the method whose scores are reported beside the baselines


class ScoredImage(NamedTuple):
    """An image to be scored. All maps have its original size [H, W].

    Attributes:
        image_id: The name of the image.
        maps: By the name of the method, its map [H, W], or maps for single metrics.
        counts: How many fixations fall in each pixel.
        density: The empirical density, any sum.
        others: Counts of other images' fixations, for sAUC.
        center_bias: A density, for IG.
    """

    image_id: str
    maps: Mapping[str, np.ndarray | MetricMaps]
    counts: np.ndarray
    density: np.ndarray
    others: np.ndarray | None = None
    center_bias: np.ndarray | None = None


class Scores(NamedTuple):
    """The scores of N images by several methods.

    Attributes:
        image_ids: [N], in the order in which the images were added.
        values: By method and metric, the scores float64 [N]; nan where an image has none.
        not_finite: (image_id, method) of the maps with nan or infinity, which have no score.
        num_fixations: How many fixations each image has [N].
    """

    image_ids: list[str]
    values: dict[str, dict[str, np.ndarray]]
    not_finite: list[tuple[str, str]]
    num_fixations: np.ndarray


def concatenate(parts: list[tuple[Scores, list[int]]]) -> Scores:
    """Return the scores of several parts of a split as one, in the order of the split.

    Args:
        parts: The scores of each part, and the positions of its images in the split. Images of
            equal position stay in their order. A part may be empty.
    """
    order = np.argsort(np.concatenate([positions for _, positions in parts]), kind="stable")
    scores = [part for part, _ in parts if part.image_ids]
    if not scores:
        return Scores([], {}, [], np.zeros(0))

    def in_order(columns: list[Any]) -> np.ndarray:
        """Return one column of all parts in the order of the split."""
        return np.concatenate(columns)[order]

    values: dict[str, dict[str, np.ndarray]] = {}
    for method, metrics in scores[0].values.items():
        values[method] = {
            name: in_order([part.values[method][name] for part in scores]) for name in metrics
        }
    return Scores(
        image_ids=[str(name) for name in in_order([part.image_ids for part in scores])],
        values=values,
        not_finite=[pair for part in scores for pair in part.not_finite],
        num_fixations=in_order([part.num_fixations for part in scores]),
    )


def select_model(scores: Scores, model: str, models: tuple[str, ...]) -> Scores:
    """Return the scores of one of several models, called MODEL, and of all that is no model."""
    names = {name: name for name in scores.values if name not in models}
    if model in scores.values:
        names = {model: MODEL, **names}
    not_finite = [
        (image_id, names[method]) for image_id, method in scores.not_finite if method in names
    ]
    values = {name: scores.values[method] for method, name in names.items()}
    return scores._replace(values=values, not_finite=not_finite)
