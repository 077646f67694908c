"""How well people predict people: each subject by the fixations of all the others.

An image's prediction for a held-out subject is the empirical density of the other subjects; the
subject's own fixations are the truth. A score says how much of what can be known of an image is
known, except that the truth is ONE observer's map: so what is compared with observers must be
scored against the same held-out subjects.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from samjax.evaluation.scores import Scores
from samjax.metrics import LOWER_IS_BETTER
from samjax.metrics.ground_truth import count_map, density_map

# IG and LL are infinite where a blur ends; there a part of the center bias speaks for the others.
CENTER_FRACTION = 0.1


class Trial(NamedTuple):
    """One held-out subject of one image: prediction [H, W], and the subject's own counts and
    density [H, W]."""

    subject: int
    prediction: np.ndarray
    counts: np.ndarray
    density: np.ndarray


def subjects_of(example) -> np.ndarray:
    """The known subjects of an example that have fixations."""
    subjects = np.unique(np.asarray(example.subject))
    return subjects[subjects >= 0]


def trials(example, convention: str, most: int, turn: int = 0) -> Iterator[Trial]:
    """Up to `most` held-out subjects of an image, none if fewer than two are known.

    turn: shifts which ones, so that all subjects have their turn over the images of a split.
    """
    known = subjects_of(example)
    if len(known) < 2:
        return
    size = example.height, example.width
    for k in range(min(most, len(known))):
        subject = known[(turn * most + k) % len(known)]
        own = np.asarray(example.subject) == subject
        counts = count_map(example.points[own], *size)
        others = count_map(example.points[~own & (np.asarray(example.subject) >= 0)], *size)
        prediction, density = (
            density_map(c, example.sigma_px, convention) for c in (others, counts)
        )
        yield Trial(int(subject), prediction, counts, density)


def with_center(prediction: np.ndarray, center_bias: np.ndarray) -> np.ndarray:
    """The observers' density mixed with the center bias, float32, sum 1: for IG and LL."""
    density = prediction / prediction.sum(dtype=np.float64)
    return ((1 - CENTER_FRACTION) * density + CENTER_FRACTION * center_bias).astype(np.float32)


def per_image(held_out: Scores) -> Scores:
    """Scores of trials as means over the trials of each image."""
    ids = list(dict.fromkeys(held_out.image_ids))
    place = {image_id: k for k, image_id in enumerate(ids)}
    index = np.array([place[image_id] for image_id in held_out.image_ids], np.int64)

    def mean(values: np.ndarray) -> np.ndarray:
        has = ~np.isnan(values)
        total = np.bincount(index[has], values[has], minlength=len(ids))
        count = np.bincount(index[has], minlength=len(ids))
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    values = {m: {n: mean(v) for n, v in row.items()} for m, row in held_out.values.items()}
    fixations = np.bincount(index, held_out.num_fixations, minlength=len(ids))
    return Scores(ids, values, held_out.not_finite, fixations)


def fractions(held_out: Scores, methods: tuple[str, str, str]) -> dict[str, float]:
    """Per metric (model - center bias) / (observers - center bias), all against the same held-out
    subjects; nan where observers are no better than the center bias.

    methods: the names of model, center bias and observers.
    """
    found = {}
    for name in held_out.values[methods[0]]:
        rows = [held_out.values.get(m, {}).get(name) for m in methods]
        if any(row is None for row in rows) or not (have := ~np.isnan(np.sum(rows, axis=0))).any():
            continue
        model, center, observed = (float(row[have].mean()) for row in rows)
        better = (observed - center) * (-1 if name in LOWER_IS_BETTER else 1)
        found[name] = (model - center) / (observed - center) if better > 0 else float("nan")
    return found
