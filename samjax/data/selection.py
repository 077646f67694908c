"""Parts of a source: folds of its images, and some of its subjects."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from samjax.data.example import Example
from samjax.data.sources import Source
from samjax.errors import UserError

UNKNOWN = -1
"""The subject of a fixation whose subject is unknown."""

SEED = 42
"""Of the permutation that divides images into folds; folds of two runs must be the same."""


class Selection:
    """A source with some of its images, and of each image the fixations of some subjects.

    Args:
        source: The source to select from.
        indices: Of the images to keep; None for all.
        subjects: Whose fixations to keep; () for everybody's. If some are chosen, published
            densities, which show all fixations, are left out.
    """

    def __init__(
        self, source: Source, indices: Sequence[int] | None = None, subjects: Sequence[int] = ()
    ) -> None:
        """Copy nothing: the source is read when an example is asked for."""
        self._source = source
        self._subjects = tuple(subjects)
        self._indices = range(len(source)) if indices is None else indices
        self.dataset = source.dataset
        self.split = source.split

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._indices)

    def __getitem__(self, i: int) -> Example:
        """Return image number `i` of the selection."""
        example = self._source[self._indices[int(i)]]
        return of_subjects(example, self._subjects) if self._subjects else example

    @property
    def indices(self) -> Sequence[int]:
        """The selected images by their numbers in the split."""
        return self._indices

    def image_id(self, i: int) -> str:
        """Return the name of image number `i` of the selection."""
        return self._source.image_id(self._indices[int(i)])

    def __repr__(self) -> str:
        """Return what is selected, for error messages and logs."""
        subjects = self._subjects or "all"
        return f"Selection({self._source!r}, {len(self)} images, subjects {subjects})"


def of_subjects(example: Example, subjects: Sequence[int]) -> Example:
    """Return the example with the fixations of these subjects alone, and no published density.

    Raises:
        UserError: The dataset does not say whose fixations they are.
    """
    # An image at which nobody looked has no subjects either, and is no fault of the dataset.
    if len(example.subject) and (example.subject < 0).all():
        raise UserError(
            f"{example.image_id}: its fixations name no subjects; set --config.data.subjects=()"
        )
    kept = np.isin(example.subject, subjects)
    return replace(example.select(kept), density=b"")


def check_subjects(source: Source, subjects: Sequence[int], every: bool) -> None:
    """Check that a split has fixations of these subjects; it is read until they are found.

    Args:
        source: The split.
        subjects: The subjects to look for.
        every: Whether each of them must be there, or only one.

    Raises:
        UserError: It lacks a subject. The message names those that it has.
    """
    wanted, found = set(subjects), set()
    for i in range(len(source)):
        found |= {int(subject) for subject in np.unique(source[i].subject)}
        if wanted <= found or (not every and wanted & found):
            return
    missing = ", ".join(map(str, sorted(wanted - found)))
    known = sorted(found - {UNKNOWN})
    name = f"dataset '{source.dataset.name}'"
    if not known:
        raise UserError(
            f"data.subjects={tuple(subjects)}: the fixations of {name} name no subjects; "
            "set --config.data.subjects='()'"
        )
    raise UserError(
        f"data.subjects={tuple(subjects)}: {name} has no subject {missing} in {source.split}; "
        f"it has {_ranges(known)}"
    )


def _ranges(numbers: Sequence[int]) -> str:
    """Return rising numbers as text, neighbours together: "0 to 3, 7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{a} to {b}" if a < b else str(a) for a, b in runs)


def fold(count: int, folds: int, number: int, seed: int = SEED) -> tuple[list[int], list[int]]:
    """Divide images for cross-validation; each image is validated on in exactly one fold.

    Args:
        count: How many images there are.
        folds: Into how many folds they are divided.
        number: Which fold to hold out, from 0.
        seed: Of the permutation of the images.

    Returns:
        The indices to train on and those to validate on, each in ascending order.

    Raises:
        UserError: There is no such fold.
    """
    if not (2 <= folds <= count and 0 <= number < folds):
        raise UserError(
            f"fold {number} of {folds} over {count} images: set --config.data.folds from 2 to "
            f"{count} and --config.data.fold below it"
        )
    order = np.random.default_rng(seed).permutation(count)
    # Rounded bounds make folds whose sizes differ by one at most.
    cuts = [round(count * k / folds) for k in range(folds + 1)]
    held_out = set(order[cuts[number] : cuts[number + 1]].tolist())
    return [i for i in range(count) if i not in held_out], sorted(held_out)
