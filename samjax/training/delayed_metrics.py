"""The metrics of the steps since the last report, read one step late.

Reading a step's metrics waits for the device. Read after the next step was dispatched, they cost
nothing; that is why a loss that is not finite is noticed one step after it came.
"""

import math
from collections.abc import Callable

import numpy as np

from samjax.errors import UserError
from samjax.training import steps


class DelayedMetrics:
    """image_ids: names the images of a batch's `index`, for the message on a bad loss."""

    def __init__(self, image_ids: Callable[[np.ndarray], list[str]]):
        self._image_ids = image_ids
        self._unread: tuple | None = None
        self._read: list[dict] = []

    def add(self, step: int, index: np.ndarray, metrics: dict) -> None:
        """Takes the metrics of `step` in, and reads those of the step before it."""
        before, self._unread = self._unread, (step, index, metrics)
        if before is not None:
            self._take(*before)

    def drain(self) -> dict[str, float]:
        """The averages since the last call, all steps read."""
        self.settle()
        merged = steps.merge(*self._read) if self._read else {}
        self._read = []
        return steps.compute(merged)

    def settle(self) -> None:
        """Reads the last step too; a state that is saved after this had a finite loss."""
        if self._unread is not None:
            self._take(*self._unread)
            self._unread = None

    def _take(self, step: int, index: np.ndarray, metrics: dict) -> None:
        values = steps.merge(metrics)
        for name in ("loss", "gradient_norm"):
            if name in values and not math.isfinite(values[name][0]):
                images = ", ".join(self._image_ids(index))
                raise UserError(
                    f"the {name} of step {step} is not finite (images {images}); nothing was saved "
                    "since: lower --config.train.learning_rate or look at these images"
                )
        self._read.append(values)
