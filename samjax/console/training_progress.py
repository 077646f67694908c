"""How training shows itself on standard error: a bar on a terminal, plain lines in a pipe."""

import sys
import time
from collections.abc import Callable

from tqdm import tqdm


def _clock(seconds: float) -> str:
    return tqdm.format_interval(max(seconds, 0))


class Progress:
    """Counts steps and the time they take; evaluating, saving and compiling are left out."""

    def __init__(self, start: int, total: int, batch_size: int, clock: Callable = time.monotonic):
        self._total, self._batch_size, self._clock = total, batch_size, clock
        self._bar = None
        if sys.stderr.isatty():
            self._bar = tqdm(
                total=total * batch_size,
                initial=start * batch_size,
                unit=" images",
                dynamic_ncols=True,
            )
        self._steps = 0
        self._seconds = 0.0
        self._waiting = 0.0
        self._since: float | None = None

    def step(self) -> None:
        """A step is done. The first one after a pause opens the interval and is not counted."""
        now = self._clock()
        if self._since is not None:
            self._steps += 1
            self._seconds += now - self._since
        self._since = now
        if self._bar is not None:
            self._bar.update(self._batch_size)

    def waited(self, seconds: float) -> None:
        """So long the coming step waited for its data."""
        if self._since is not None:
            self._waiting += seconds

    def pause(self) -> None:
        """What follows is no training; the next step opens a new interval."""
        self._since = None

    def images_per_second(self) -> float:
        return self._steps * self._batch_size / self._seconds if self._steps else 0.0

    def speed(self) -> dict[str, float]:
        """Images per second, and the share of the time that steps waited for data."""
        if not self._steps:
            return {}
        return {
            "images_per_second": self.images_per_second(),
            "data_wait": self._waiting / self._seconds,
        }

    def report(self, step: int, kind: str, values: dict[str, float]) -> None:
        """One line: step, values, speed and the time that remains."""
        numbers = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        speed = self.images_per_second()
        left = (self._total - step) * self._batch_size / speed if speed else 0.0
        line = f"{kind} {step}/{self._total}  {numbers}"
        if self._bar is not None:
            self._bar.write(line, file=sys.stderr)
        else:
            waits = f", {self.speed()['data_wait']:.1%} of it waiting for data" if speed else ""
            line = f"{line}  {speed:.1f} images/s{waits}, {_clock(left)} left"
            print(line, file=sys.stderr, flush=True)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
