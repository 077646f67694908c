"""The negatives of shuffled AUC: where people looked in the other images.

Negatives from other images take the center bias out of the score: Tatler, Baddeley and Gilchrist,
"Visual correlates of fixation selection: effects of scale and time", Vision Research 45 (2005);
Zhang et al., "SUN: A Bayesian framework for saliency using natural statistics", Journal of Vision
8 (2008).
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from samjax.data.geometry import to_grid
from samjax.metrics.ground_truth import count_map

UNITED = 10  # other images that the mit convention unites


class _ImagePoints(NamedTuple):
    """The fixations [N, 2] (x, y) of an image, in pixels of its own size (height, width)."""

    points: np.ndarray
    size: tuple[int, int]


class OtherFixations:
    """The fixations of a whole split, from which each image gets those of the others.

    Fixations go to an image of another size by the ratio of the sizes.
    """

    def __init__(self, images: Iterable[tuple[str, np.ndarray, int, int]], seed: int = 0) -> None:
        """Keep the fixations of the images.

        Args:
            images: For each image its image_id, its fixations [N, 2] as (x, y) in original pixels,
                its height and its width.
            seed: Chooses, with the name of an image, which ten others the mit convention unites.
        """
        self._images: dict[str, _ImagePoints] = {}
        for image_id, points, height, width in images:
            points = np.asarray(points, np.float64).reshape(-1, 2)
            self._images[image_id] = _ImagePoints(points, (height, width))
        self._seed = seed
        # Most images of a dataset share a few sizes, and the sum over all of them is expensive.
        self._count_all_cached = lru_cache(maxsize=8)(self._count_all)

    def counts(
        self, image_id: str, height: int, width: int, convention: str
    ) -> Float[np.ndarray, "H W"]:
        """Return the negatives of an image of this size, float32 [height, width].

        The conventions choose them differently:

        tuebingen  how many fixations of all other images fall in each pixel: repeats count, and
                   the image's own locations stay
        salicon    how many fixations of all images do, zero at the image's own locations
        mit        1 where one of ten other images was fixated; which ten follows from the seed and
                   the name of the image
        """
        if convention == "mit":
            return self._unite_others(image_id, height, width)
        # The sum of all images is shared; an image's own fixations are taken out of it.
        own = self._count(image_id, height, width)
        everything = self._count_all_cached(height, width)
        return np.where(own > 0, 0, everything) if convention == "salicon" else everything - own

    def _unite_others(self, image_id: str, height: int, width: int) -> np.ndarray:
        """Return 1 where one of ten other images was fixated."""
        others = [name for name in self._images if name != image_id]
        # By the name, not by the order of calls: a part of the split gets the same others.
        rng = np.random.default_rng([self._seed, *image_id.encode()])
        chosen = rng.permutation(len(others))[:UNITED]
        union = np.zeros((height, width), bool)
        for k in chosen:
            union |= self._count(others[k], height, width) > 0
        return union.astype(np.float32)

    def _count_all(self, height: int, width: int) -> np.ndarray:
        """Return how many fixations of all images fall in each pixel of this size."""
        points = [np.zeros((0, 2))]  # so that there is something to concatenate without images
        for image in self._images.values():
            points.append(to_grid(image.points, image.size, (height, width)))
        return count_map(np.concatenate(points), height, width)

    def _count(self, image_id: str, height: int, width: int) -> np.ndarray:
        """Return how many fixations of one image fall in each pixel of this size."""
        # Maps may be scored of an image that has no fixations in the split.
        if image_id not in self._images:
            return np.zeros((height, width), np.float32)
        image = self._images[image_id]
        return count_map(to_grid(image.points, image.size, (height, width)), height, width)
