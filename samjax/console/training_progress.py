"""What training shows on standard error: the step, the values of the loss, speed and time left."""

import time
from collections.abc import Callable

from tqdm import tqdm

from samjax.console.progress import ProgressBar


class TrainingProgress:
    """The progress of a training, and its speed without evaluating, saving and compiling.

    Args:
        start: The number of steps done by earlier runs.
        total: The number of steps of the whole training.
        batch_size: Images per step, over all processes.
        clock: Returns the present time in seconds.
    """

    def __init__(
        self,
        start: int,
        total: int,
        batch_size: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin the training; see the class for the arguments."""
        self._total = total
        self._batch_size = batch_size
        self._clock = clock
        # A pipe gets a line where training reports its loss, not every few seconds.
        self._bar = ProgressBar(
            "", total * batch_size, initial=start * batch_size, seconds_between_lines=None
        )
        self._bar.__enter__()  # `close` is its end
        self._timed_steps = 0
        self._seconds = 0.0
        self._seconds_waited = 0.0
        self._last_step: float | None = None

    def step(self) -> None:
        """Count a step as done.

        The first step after the start or after a pause only opens the timed interval: it may
        include compiling, evaluating or saving.
        """
        now = self._clock()
        if self._last_step is not None:
            self._timed_steps += 1
            self._seconds += now - self._last_step
        self._last_step = now
        self._bar.done(self._batch_size)

    def waited(self, seconds: float) -> None:
        """Note how many seconds the coming step waited for its data."""
        # Outside the timed interval waiting is not counted, or it would be a fraction of nothing.
        if self._last_step is not None:
            self._seconds_waited += seconds

    def pause(self) -> None:
        """Stop the time until the next step, because what follows is not training."""
        self._last_step = None

    def images_per_second(self) -> float:
        """Return the speed over the timed steps, or 0 before there are any."""
        if not self._timed_steps:
            return 0.0
        return self._timed_steps * self._batch_size / self._seconds

    def speed(self) -> dict[str, float]:
        """Return images per second and the fraction of the time spent waiting for data.

        The dictionary is empty before there are timed steps.
        """
        if not self._timed_steps:
            return {}
        return {
            "images_per_second": self.images_per_second(),
            "data_wait": self._seconds_waited / self._seconds,
        }

    def report(self, step: int, kind: str, values: dict[str, float]) -> None:
        """Print one line with the step, the values, and, in a pipe, speed and time left.

        Args:
            step: The number of steps that are done.
            kind: What the values are of, such as "train" or "validation".
            values: Numbers by name.
        """
        numbers = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        line = f"{kind} {step}/{self._total}  {numbers}"
        if not self._bar.has_bar:
            line = f"{line}  {self._speed_text(step)}"
        self._bar.write(line)

    def close(self) -> None:
        """Remove the bar."""
        self._bar.__exit__(None, None, None)

    def _speed_text(self, step: int) -> str:
        """Return the speed and the time that remains in words."""
        speed = self.images_per_second()
        waiting = ""
        seconds_left = 0.0
        if speed:
            waiting = f", {self.speed()['data_wait']:.1%} of it waiting for data"
            seconds_left = max((self._total - step) * self._batch_size / speed, 0.0)
        return f"{speed:.1f} images/s{waiting}, {tqdm.format_interval(seconds_left)} left"
