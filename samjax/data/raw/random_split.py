"""Splits of datasets that were published without one: drawn once, by a fixed seed."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from samjax.data.raw.dataset_spec import Count, Item

SEED = 42
SHARES = {"train": 7, "validation": 1, "test": 2}


def random_split(items: Sequence[Item], shares: dict[str, int] = SHARES) -> dict[str, list[Item]]:
    """Items by split, in the order given; each split gets its share of the images, rounded.

    A permutation of the image ids in byte order is cut, so the split depends on the ids alone.
    """
    ids = sorted(item.image_id for item in items)
    # The permutation of published code for some sets: numpy's legacy generator, which is frozen.
    order = np.random.RandomState(SEED).permutation(len(ids))
    cuts = _cuts(len(ids), shares)
    split_of = {
        ids[i]: split
        for split, (start, stop) in zip(shares, pairwise(cuts), strict=True)
        for i in order[start:stop]
    }
    return {split: [item for item in items if split_of[item.image_id] == split] for split in shares}


def counts(images: int, shares: dict[str, int] = SHARES) -> dict[str, Count]:
    """How many of `images` each split gets."""
    cuts = _cuts(images, shares)
    sizes = np.diff(cuts).tolist()
    return {split: Count(size) for split, size in zip(shares, sizes, strict=True)}


def recipe(shares: dict[str, int] = SHARES) -> str:
    parts = " : ".join(f"{split} {share}" for split, share in shares.items())
    return (
        f"drawn over image ids in byte order, numpy RandomState({SEED}).permutation, cut as {parts}"
    )


def _cuts(images: int, shares: dict[str, int]) -> list[int]:
    sums = np.cumsum([0, *shares.values()])
    return [round(images * part / sums[-1]) for part in sums.tolist()]
