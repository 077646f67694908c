"""How well people predict people: each subject by the fixations of all the others.

Inter-observer consistency, as in Torralba, Oliva, Castelhano and Henderson, "Contextual guidance
of eye movements and attention in real-world scenes", Psychological Review 113 (2006), and Wilming,
Betz, Kietzmann and König, "Measures and Limits of Models of Fixation Selection", PLoS ONE 6 (2011).

An image's prediction for a held-out subject is the empirical density of the other subjects; the
subject's own fixations are the truth. A score says how much of what can be known of an image is
known, except that the truth is ONE observer's map: so what is compared with observers must be
scored against the same held-out subjects.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from samjax.data.example import Example
from samjax.evaluation.scores import Scores
from samjax.metrics import LOWER_IS_BETTER
from samjax.metrics.ground_truth import count_map, density_map
from samjax.metrics.optimal import MetricMaps

# IG and LL are infinite where a blur ends; there a part of the center bias speaks for the others.
CENTER_FRACTION = 0.1


class Trial(NamedTuple):
    """One held-out subject of one image; the maps have the image's size [H, W].

    Attributes:
        subject: The held-out subject.
        prediction: The empirical density of the other subjects.
        counts: Where the subject looked: fixations per pixel.
        density: The subject's own empirical density.
    """

    subject: int
    prediction: np.ndarray
    counts: np.ndarray
    density: np.ndarray


class Ladder(NamedTuple):
    """The names of the three methods that `fractions` compares."""

    model: str
    center_bias: str
    observers: str


def subjects_of(example: Example) -> Int[np.ndarray, " S"]:
    """Return the known subjects of an example that have fixations."""
    subjects = np.unique(np.asarray(example.subject))
    return subjects[subjects >= 0]


def trials(example: Example, convention: str, max_trials: int, turn: int = 0) -> Iterator[Trial]:
    """Yield held-out subjects of an image; none if fewer than two are known.

    Args:
        example: An image with its fixations and their subjects.
        convention: Whose empirical density.
        max_trials: At most so many subjects are held out.
        turn: Shifts which ones, so that all subjects have their turn over the images of a split.
    """
    known = subjects_of(example)
    if len(known) < 2:
        return
    size = example.height, example.width
    subject_of_point = np.asarray(example.subject)
    # Fixations of unknown subjects are left out: they may be those of the held-out one.
    for k in range(min(max_trials, len(known))):
        subject = known[(turn * max_trials + k) % len(known)]
        is_own = subject_of_point == subject
        counts = count_map(example.points[is_own], *size)
        others = count_map(example.points[~is_own & (subject_of_point >= 0)], *size)
        yield Trial(
            subject=int(subject),
            prediction=density_map(others, example.sigma_px, convention),
            counts=counts,
            density=density_map(counts, example.sigma_px, convention),
        )


def with_center(
    prediction: Float[np.ndarray, "H W"], center_bias: Float[np.ndarray, "H W"]
) -> Float[np.ndarray, "H W"]:
    """Return the observers' density mixed with the center bias, float32, sum 1: for IG and LL."""
    density = prediction / prediction.sum(dtype=np.float64)
    return ((1 - CENTER_FRACTION) * density + CENTER_FRACTION * center_bias).astype(np.float32)


def observer_map(
    prediction: Float[np.ndarray, "H W"], center_bias: Float[np.ndarray, "H W"] | None
) -> np.ndarray | MetricMaps:
    """Return the observers' map; for IG and LL mixed with the center bias, if there is one."""
    if center_bias is None:
        return prediction
    mixed = with_center(prediction, center_bias)
    return MetricMaps(prediction, {"IG": mixed, "LL": mixed})


def per_image(held_out: Scores) -> Scores:
    """Return the scores of trials as means over the trials of each image."""
    image_ids = list(dict.fromkeys(held_out.image_ids))
    place = {image_id: k for k, image_id in enumerate(image_ids)}
    index = np.array([place[image_id] for image_id in held_out.image_ids], np.int64)

    def mean(values: np.ndarray) -> np.ndarray:
        """Return the mean of each image's trials that have a score; nan where none has."""
        valid = ~np.isnan(values)
        total = np.bincount(index[valid], values[valid], minlength=len(image_ids))
        count = np.bincount(index[valid], minlength=len(image_ids))
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    means: dict[str, dict[str, np.ndarray]] = {}
    for method, metrics in held_out.values.items():
        means[method] = {name: mean(values) for name, values in metrics.items()}
    num_fixations = np.bincount(index, held_out.num_fixations, minlength=len(image_ids))
    return Scores(image_ids, means, held_out.not_finite, num_fixations)


def fractions(held_out: Scores, methods: Ladder) -> dict[str, float]:
    """Return how far the model is on the way from center bias to observers, per metric.

    This is (model - center bias) / (observers - center bias), all against the same held-out
    subjects; nan where observers are no better than the center bias. A metric that one of the three
    lacks is left out.
    """
    by_metric: dict[str, float] = {}
    for name in held_out.values[methods.model]:
        rows = [held_out.values.get(method, {}).get(name) for method in methods]
        present = [row for row in rows if row is not None]
        if len(present) < len(rows):
            continue
        valid = ~np.isnan(np.sum(present, axis=0))
        if not valid.any():
            continue
        model, center, observed = (float(row[valid].mean()) for row in present)
        advantage = (observed - center) * (-1 if name in LOWER_IS_BETTER else 1)
        by_metric[name] = (model - center) / (observed - center) if advantage > 0 else float("nan")
    return by_metric
