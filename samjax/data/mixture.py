"""Mixtures of datasets: what a config names, opened, with the weight of each dataset."""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from samjax.data.selection import Selection, check_subjects, fold
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError

TRAINED_ON, VALIDATED_ON = 0, 1


class WeightedSource(NamedTuple):
    """A part of a dataset, and its weight relative to the others of the mixture."""

    name: str
    source: Selection
    weight: float


class Folds(NamedTuple):
    """Cross-validation over the images of a split."""

    total: int = 0  # how many folds there are; 0: none
    held_out: int = 0  # the fold that is validated on; the others are trained on


def parse_mixture(text: str) -> dict[str, float]:
    """Return the weight of each dataset that a text such as 'osie:1,scene:.5' names.

    A name without a weight has the weight 1.

    Raises:
        UserError: No dataset is named, one is named twice, or a weight is no number above 0.
    """
    mixture: dict[str, float] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, colon, weight = (part.strip() for part in item.partition(":"))
        if not re.fullmatch(r"\w[\w.-]*", name):
            raise UserError(f"{item!r} names no dataset; write it as NAME or NAME:WEIGHT")
        if name in mixture:
            raise UserError(f"dataset {name!r} is named twice; give it one weight")
        mixture[name] = _weight(weight, name) if colon else 1.0
    if not mixture:
        raise UserError("no dataset is named; set --config.data.train=NAME")
    return mixture


def _weight(text: str, name: str) -> float:
    """Return the weight of a dataset that a text gives."""
    try:
        weight = float(text)
    except ValueError:
        raise UserError(f"weight {text!r} of dataset {name!r} is no number") from None
    if not 0 < weight < math.inf:  # nan neither
        raise UserError(f"weight {text} of dataset {name!r} is no finite number above 0")
    return weight


def open_mixture(
    names: str,
    split: str,
    data_dir: str | Path | None = None,
    *,
    folds: Folds = Folds(),  # noqa: B008, immutable
    part: int = TRAINED_ON,
    subjects: Sequence[int] = (),
) -> tuple[WeightedSource, ...]:
    """Open the datasets of a mixture.

    Args:
        names: Datasets with weights, see `parse_mixture`.
        split: A split or a slice of one, the same in every dataset.
        data_dir: Where the datasets are prepared; None for TFDS's own folder.
        folds: Cross-validation over the images of the split.
        part: With folds, the images to train on or the images to validate on.
        subjects: Only the fixations of these subjects count; empty for all.

    Raises:
        UserError: A dataset is not prepared, or it lacks the split, the fold or the subjects.
    """
    mixture = []
    for name, weight in parse_mixture(names).items():
        source = Source(open_dataset(name, data_dir), split)
        indices = None
        if folds.total:
            indices = fold(len(source), folds.total, folds.held_out)[part]
        if subjects:
            # Not every subject looks at every image, and a validation split may have few.
            check_subjects(source, subjects, every=part == TRAINED_ON)
        mixture.append(WeightedSource(name, Selection(source, indices, subjects), weight))
    return tuple(mixture)


def count_images(mixture: Sequence[WeightedSource]) -> int:
    """Return the number of images of all sources together."""
    return sum(len(entry.source) for entry in mixture)


def image_names(mixture: Sequence[WeightedSource], index: np.ndarray) -> list[str]:
    """Return 'dataset/image_id' for positions in the sources put one after the other.

    Args:
        mixture: The sources, in the order in which the batches were made from them.
        index: Positions [B], as a batch has them.
    """
    names = []
    for position in index.tolist():
        for entry in mixture:
            if position < len(entry.source):
                names.append(f"{entry.name}/{entry.source.image_id(position)}")
                break
            position -= len(entry.source)
    return names
