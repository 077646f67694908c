"""Parts of a source: folds of its images, and some of its subjects."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from samjax.data.example import Example
from samjax.data.sources import Source
from samjax.errors import UserError

SEED = 42


class Selection:
    """A source with some of its images, and of each image the fixations of some subjects.

    indices: of the images, None for all. subjects: () for all; with some, a published density,
    which shows all of them, is left out.
    """

    def __init__(
        self, source: Source, indices: Sequence[int] | None = None, subjects: Sequence[int] = ()
    ):
        self._source, self._subjects = source, tuple(subjects)
        self._indices = range(len(source)) if indices is None else indices
        self.dataset, self.split = source.dataset, source.split

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, i: int) -> Example:
        example = self._source[self._indices[int(i)]]
        return of_subjects(example, self._subjects) if self._subjects else example

    def image_id(self, i: int) -> str:
        return self._source.image_id(self._indices[int(i)])

    def __repr__(self) -> str:
        return (
            f"Selection({self._source!r}, {len(self)} images, subjects {self._subjects or 'all'})"
        )


def of_subjects(example: Example, subjects: Sequence[int]) -> Example:
    """The example with the fixations of these subjects alone. UserError: it names no subjects."""
    if len(example.subject) and (example.subject < 0).all():
        raise UserError(
            f"{example.image_id}: its fixations name no subjects; set --config.data.subjects=()"
        )
    kept = np.isin(example.subject, subjects)
    return replace(example.select(kept), density=b"")


def fold(count: int, folds: int, number: int, seed: int = SEED) -> tuple[list[int], list[int]]:
    """Indices (trained on, validated on) of fold `number` of a seeded permutation, each in order.

    Every image is validated on in exactly one fold.
    """
    if not (2 <= folds <= count and 0 <= number < folds):
        raise UserError(
            f"fold {number} of {folds} over {count} images: set --config.data.folds from 2 to "
            f"{count} and --config.data.fold below it"
        )
    order = np.random.default_rng(seed).permutation(count)
    cuts = [round(count * k / folds) for k in range(folds + 1)]
    held = set(order[cuts[number] : cuts[number + 1]].tolist())
    return [i for i in range(count) if i not in held], sorted(held)
