"""Splits of datasets that were published without one: drawn once, by a fixed seed."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from samjax.data.raw.dataset_spec import Count, Item

SEED = 42
RATIO = {"train": 7, "validation": 1, "test": 2}
"""How many parts of the images each split gets."""


def random_split(
    items: Sequence[Item],
    ratio: dict[str, int] = RATIO,
    together: Sequence[Sequence[str]] = (),
) -> dict[str, list[Item]]:
    """Return the items by split, in the order given.

    A permutation of the image ids in byte order is cut, so the split depends on the ids alone.

    Args:
        items: The images of the whole dataset.
        ratio: {split: parts}. Each split gets its fraction of the images, rounded.
        together: Groups of image ids that stay in one split, that of the first of each: copies of
            one picture, of which a model must not see one in training and another in validation.
    """
    ids = sorted(item.image_id for item in items)
    # Published code splits some datasets by this permutation. It comes from NumPy's legacy
    # generator, which is frozen and so the same in every version.
    order = np.random.RandomState(SEED).permutation(len(ids))
    split_of: dict[str, str] = {}
    for split, (start, stop) in zip(ratio, pairwise(_cuts(len(ids), ratio)), strict=True):
        split_of.update({ids[i]: split for i in order[start:stop]})
    for group in together:
        split_of.update({image_id: split_of[group[0]] for image_id in group})
    return {split: [item for item in items if split_of[item.image_id] == split] for split in ratio}


def split_counts(images: int, ratio: dict[str, int] = RATIO) -> dict[str, Count]:
    """Return how many of `images` each split gets from `random_split`."""
    sizes = np.diff(_cuts(images, ratio)).tolist()
    return {split: Count(size) for split, size in zip(ratio, sizes, strict=True)}


def split_recipe(ratio: dict[str, int] = RATIO) -> str:
    """Return `random_split` in words, for a dataset's facts."""
    parts = " : ".join(f"{split} {part}" for split, part in ratio.items())
    return (
        f"drawn over image ids in byte order, numpy RandomState({SEED}).permutation, cut as {parts}"
    )


def _cuts(images: int, ratio: dict[str, int]) -> list[int]:
    """Return where the permutation is cut: 0, one place for each split's end, the last `images`."""
    sums = np.cumsum([0, *ratio.values()]).tolist()
    return [round(images * parts / sums[-1]) for parts in sums]
