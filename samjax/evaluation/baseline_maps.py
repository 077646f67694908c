"""The maps of all baselines over an image of any size, from what the training split knows."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from samjax.console.log import log
from samjax.data.example import Example
from samjax.data.sources import Source
from samjax.errors import UserError
from samjax.evaluation import baselines
from samjax.evaluation.center_bias import CenterBias, fit_center_bias

CENTER = "center bias"


class BaselineMaps:
    """The baselines of a source; see `baselines` and `center_bias`.

    Attributes:
        center_bias: The fitted center bias; None if there is no split to fit it to.
    """

    def __init__(self, source: Source, split: str | None) -> None:
        """Fit the center bias and the mean density.

        Args:
            source: The images that are scored.
            split: Of the same dataset, where the two come from, up to the same time of viewing.
                With None, or a split that the dataset lacks, there are none of the two.
        """
        self.center_bias: CenterBias | None = None
        self._mean: np.ndarray | None = None
        # Most images of a dataset share a few sizes.
        self._draw_cached = lru_cache(maxsize=4)(self._draw)
        if split is None:
            return
        try:
            examples = list(without_images(Source(source.dataset, split, source.until_ms)))
            self.center_bias = fit_center_bias(examples)
            self._mean = baselines.mean_density(examples)
        except UserError as error:
            self.center_bias = None
            log(f"without the baselines 'center bias' and 'mean density', and without IG: {error}")

    def draw(self, height: int, width: int) -> dict[str, np.ndarray]:
        """Return the baselines by name, float32 [height, width], sum 1; do not change them."""
        return self._draw_cached(height, width)

    def _draw(self, height: int, width: int) -> dict[str, np.ndarray]:
        """Make what `draw` returns."""
        maps = {
            "uniform": baselines.uniform(height, width),
            "center Gaussian": baselines.center_gaussian(height, width),
        }
        if self._mean is not None:
            mean = baselines.resize_density(self._mean, height, width)
            maps["mean density"] = mean.astype(np.float32)
        if self.center_bias is not None:
            maps[CENTER] = self.center_bias.draw(height, width)
        return maps

    def facts(self) -> dict[str, Any] | None:
        """Return how the center bias was fitted, for reports; None without one."""
        if self.center_bias is None:
            return None
        return {
            "bandwidth": self.center_bias.bandwidth,
            "uniform_share": self.center_bias.uniform_fraction,
            "gain": self.center_bias.gain,
        }


def without_images(source: Source) -> Iterator[Example]:
    """Yield the examples of a source without their encoded images.

    The fixations of a whole split then fit in memory.
    """
    for i in range(len(source)):
        yield replace(source[i], image=b"", density=b"")
