"""The negatives of shuffled AUC: where people looked in the other images."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from samjax.metrics.ground_truth import count_map

UNITED = 10  # other images that the mit convention unites


class OtherFixations:
    """Fixations of a whole split, from which each image gets those of the others.

    images: (image_id, fixations [N, 2] (x, y) in original pixels, height, width). A point goes to
    another size by the ratio of the sizes, x' = (x + .5) * w / W, and into the pixel floor(x').
    """

    def __init__(self, images: Iterable[tuple[str, np.ndarray, int, int]], seed: int = 0):
        self._relative = {}
        for image_id, fixations, height, width in images:
            points = np.asarray(fixations, np.float64).reshape(-1, 2)
            self._relative[image_id] = (points + 0.5, (width, height))
        self._seed = seed
        self._all = lru_cache(maxsize=8)(self._count_all)

    def counts(self, image_id: str, height: int, width: int, convention: str) -> np.ndarray:
        """The negatives of an image of this size, float32 [height, width].

        tuebingen: the fixations of all other images, repeats kept, own locations not removed
        salicon: the fixations of all images, the image's own locations zeroed
        mit: 1 where one of ten other images was fixated; which ten follows from seed and name
        """
        if convention == "mit":
            return self._united(image_id, height, width)
        own = self._count(image_id, height, width)
        everything = self._all(height, width)
        return np.where(own > 0, 0, everything) if convention == "salicon" else everything - own

    def _united(self, image_id: str, height: int, width: int) -> np.ndarray:
        others = [name for name in self._relative if name != image_id]
        rng = np.random.default_rng([self._seed, *image_id.encode()])
        drawn = rng.permutation(len(others))[:UNITED]
        union = np.zeros((height, width), bool)
        for k in drawn:
            union |= self._count(others[k], height, width) > 0
        return union.astype(np.float32)

    def _count_all(self, height: int, width: int) -> np.ndarray:
        points = [self._scaled(name, height, width) for name in self._relative]
        return count_map(np.concatenate([np.zeros((0, 2)), *points]), height, width)

    def _count(self, image_id: str, height: int, width: int) -> np.ndarray:
        if image_id not in self._relative:
            return np.zeros((height, width), np.float32)
        return count_map(self._scaled(image_id, height, width), height, width)

    def _scaled(self, image_id: str, height: int, width: int) -> np.ndarray:
        points, size = self._relative[image_id]
        return points * (np.array([width, height]) / size) - 0.5
