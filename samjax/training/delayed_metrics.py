"""The metrics of the steps since the last report, read one step late.

Reading a step's metrics waits for the device. Read after the next step was dispatched, they cost
nothing; that is why a loss that is not finite is noticed one step after it came.
"""

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass

import numpy as np

from samjax.errors import UserError
from samjax.training.metrics import NAMES, BatchMetrics, Mean


@dataclass(frozen=True)
class StepResult:
    """What a step gave: its number, the positions [B] of its images in the data, its metrics."""

    step: int
    index: np.ndarray
    metrics: BatchMetrics


class DelayedMetrics:
    """Collects the metrics of steps, and reads those of a step when the next one is dispatched."""

    def __init__(
        self, image_names: Callable[[np.ndarray], list[str]], kept: Callable[[], str]
    ) -> None:
        """Collect nothing yet.

        Args:
            image_names: Names the images at positions in the data, for the message on a bad loss.
            kept: Returns a clause that says what can be resumed from, likewise.
        """
        self._image_names, self._kept = image_names, kept
        self._unread: StepResult | None = None
        self._read: list[BatchMetrics] = []

    def add(self, step: int, index: np.ndarray, metrics: BatchMetrics) -> None:
        """Take the metrics of a step, and read those of the step before it.

        Raises:
            UserError: The loss or the gradient of the step before is not finite.
        """
        before, self._unread = self._unread, StepResult(step, index, metrics)
        if before is not None:
            self._take(before)

    def drain(self) -> dict[str, float]:
        """Return the averages over all steps since the last call."""
        self.settle()
        steps, self._read = self._read, []
        return BatchMetrics.merge(steps).compute() if steps else {}

    def unlogged(self) -> list[dict]:
        """Return the metrics since the last `drain` as plain values, for a checkpoint.

        A run that goes on from there then logs the averages of one that was never stopped.
        """
        return [asdict(metrics) for metrics in self._read]

    def resume(self, unlogged: list[dict]) -> None:
        """Take what `unlogged` gave when the checkpoint was saved."""
        with suppress(TypeError):  # other fields: the checkpoint is of another version
            self._read = [
                BatchMetrics(**{name: mean and Mean(**mean) for name, mean in metrics.items()})
                for metrics in unlogged
            ]

    def settle(self) -> None:
        """Read the last step too. The state that is saved after this had a finite loss."""
        if self._unread is not None:
            self._take(self._unread)
            self._unread = None

    def _take(self, result: StepResult) -> None:
        metrics = BatchMetrics.merge([result.metrics])
        for field in ("loss", "gradient_norm"):
            mean = getattr(metrics, field)
            if mean is not None and not math.isfinite(mean.total):
                images = ", ".join(self._image_names(result.index))
                raise UserError(
                    f"the {NAMES[field]} of step {result.step} is not finite (images {images}); "
                    f"{self._kept()}; look at these images, set a lower "
                    "--config.train.learning_rate with another --workdir, or give the same command "
                    "with --debug-nans to keep the step for experiments.replay"
                )
        self._read.append(metrics)
