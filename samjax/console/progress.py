"""The progress display of the whole program, on standard error.

On a terminal it is a bar. In a pipe or a log file, where a bar would be thousands of fragments, it
is a plain line now and then.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from samjax.console.log import log

if TYPE_CHECKING:  # only a terminal needs it, and it takes as long to import as OpenCV
    from tqdm import tqdm

T = TypeVar("T")

SECONDS_BETWEEN_LINES = 10.0
"""How often a pipe gets a line."""


class ProgressBar:
    """The progress of a task over images, or over the bytes of a file.

    To be used in a `with` block, with one call of `done` for each image:

        with ProgressBar("predicting", 500) as progress:
            for photo in photos:
                ...
                progress.done()

    Args:
        doing: What the task does, such as "predicting"; each line begins with it.
        total: How many images or bytes there are, or None if that is not known.
        initial: How many of them had been done before, by an earlier run.
        unit: What is counted: "images", or "B" for bytes, whose numbers are shortened (12.3M).
        seconds_between_lines: How often a pipe gets a line. With None it gets only what is
            written by `write`.
    """

    def __init__(
        self,
        doing: str,
        total: int | None,
        initial: int = 0,
        unit: str = "images",
        seconds_between_lines: float | None = SECONDS_BETWEEN_LINES,
    ) -> None:
        """Begin the task; see the class for the arguments."""
        self._doing = doing
        self._total = total
        self._initial = initial
        self._unit = unit
        self._seconds_between_lines = seconds_between_lines
        self._count = initial
        self._start = time.monotonic()
        self._last_line = self._start
        self._bar: tqdm | None = None

    def __enter__(self) -> "ProgressBar":
        """Show the bar, or tell a pipe what begins."""
        if sys.stderr.isatty():  # asked only now, because tests and programs replace the stream
            from tqdm import tqdm

            self._bar = tqdm(
                desc=self._doing or None,
                total=self._total,
                initial=self._initial,
                unit=f" {self._unit}",
                unit_scale=self._unit == "B",
                dynamic_ncols=True,
            )
        # What begins is said at once, so that a silent pipe does not look like a hanging program.
        elif self._seconds_between_lines is not None and self._total is not None:
            log(f"{self._doing} {self._text(self._total)} {self._unit}")
        return self

    def done(self, count: int = 1) -> None:
        """Count `count` further images or bytes as done."""
        self._count += count
        if self._bar is not None:
            self._bar.update(count)
        elif self._seconds_between_lines is not None:
            now = time.monotonic()
            if now - self._last_line > self._seconds_between_lines:
                self._last_line = now
                self._log_count()

    def write(self, line: str) -> None:
        """Print a line to standard error, above the bar if there is one."""
        if self._bar is not None:
            self._bar.write(line, file=sys.stderr)  # print would tear the bar
        else:
            log(line)

    @property
    def has_bar(self) -> bool:
        """Whether a bar is shown, which already tells the speed and the time that remains."""
        return self._bar is not None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the bar, or tell a pipe how much was done if the task succeeded."""
        if self._bar is not None:
            self._bar.close()
        elif kind is None and self._seconds_between_lines is not None:
            self._log_count()

    def _log_count(self) -> None:
        seconds = max(time.monotonic() - self._start, 1e-9)
        # What an earlier run did took none of this run's time.
        speed = (self._count - self._initial) / seconds
        total = f"/{self._text(self._total)}" if self._total is not None else ""
        log(
            f"{self._doing} {self._text(self._count)}{total} {self._unit}, {self._text(speed, 1)}/s"
        )

    def _text(self, number: float, digits: int = 0) -> str:
        if self._unit != "B":
            return f"{number:.{digits}f}"
        from tqdm import tqdm

        return tqdm.format_sizeof(number)


def track(items: Iterable[T], total: int | None, doing: str) -> Iterator[T]:
    """Yield the items and show how many of them are done.

    An item counts as done when the next one is asked for.

    Args:
        items: One item for each image.
        total: How many items there are, or None if that is not known.
        doing: What is done with them, such as "evaluating".
    """
    with ProgressBar(doing, total) as progress:
        for item in items:
            yield item
            progress.done()
