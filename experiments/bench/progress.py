"""What the benchmark shows while it works: where it is, and how long it goes on.

On a terminal that is one line that changes; in a log, a line per step. What was measured is said in
lines that stay.
"""

import sys
import time

from tqdm import tqdm

from samjax.console.log import log


class Progress:
    """The progress over pieces of work, on standard error, to be used in a `with` block.

    Args:
        total: How many pieces there are.
    """

    def __init__(self, total: int) -> None:
        """Begin; see the class for the argument."""
        self._total, self._number, self._name = total, 0, ""
        self._ends = 0.0
        self._line: tqdm | None = None

    def __enter__(self) -> "Progress":
        """Open the line that changes, if this is a terminal."""
        if sys.stderr.isatty():  # asked only now, because tests and programs replace the stream
            self._line = tqdm(bar_format="{desc}", dynamic_ncols=True, leave=False)
        return self

    def __exit__(self, *error: object) -> None:
        """Remove the line that changes."""
        if self._line is not None:
            self._line.close()

    def begin(self, number: int, name: str, seconds_left: float) -> None:
        """Name the piece that begins.

        Args:
            number: From 1 on.
            name: In words.
            seconds_left: Until all is done, by estimate.
        """
        self._number, self._name = number, name
        self._ends = time.monotonic() + seconds_left

    def tell(self, line: str) -> None:
        """Show a step of the piece that is under way."""
        seconds = max(0.0, self._ends - time.monotonic())
        left = tqdm.format_interval(seconds)
        step = line.strip()
        if self._name.endswith(step):
            return  # the steps that follow say it
        text = f"[{self._number}/{self._total}, about {left} left] {self._name}: {step}"
        if self._line is not None:
            self._line.set_description_str(text)
        else:
            log(text)

    def say(self, line: str) -> None:
        """Print a line that stays, above the one that changes."""
        if self._line is not None:
            self._line.write(line, file=sys.stderr)
        else:
            log(line)
