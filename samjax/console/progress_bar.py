"""How many images of how many are done, on standard error: a bar or, in a pipe, plain lines."""

import sys
import time
from collections.abc import Iterable, Iterator

from tqdm import tqdm

SECONDS_BETWEEN_LINES = 10.0


class ProgressBar:
    """`with Tally('predicting', 500) as tally:` and `tally.done()` for each image."""

    def __init__(self, doing: str, total: int | None):
        self._doing, self._total, self._count = doing, total, 0
        self._start = self._last = time.monotonic()
        self._bar = None

    def __enter__(self) -> "ProgressBar":
        if sys.stderr.isatty():
            self._bar = tqdm(desc=self._doing, total=self._total, unit="image", dynamic_ncols=True)
        return self

    def done(self) -> None:
        self._count += 1
        if self._bar is not None:
            self._bar.update(1)
        elif time.monotonic() - self._last > SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            self._line()

    def __exit__(self, kind, *_) -> None:
        if self._bar is not None:
            self._bar.close()
        elif kind is None:
            self._line()

    def _line(self) -> None:
        speed = self._count / max(time.monotonic() - self._start, 1e-9)
        of = f"/{self._total}" if self._total is not None else ""
        print(f"{self._doing} {self._count}{of} images, {speed:.1f}/s", file=sys.stderr, flush=True)


def tracked(items: Iterable, doing: str, total: int | None) -> Iterator:
    """Yields the items, counting them."""
    with ProgressBar(doing, total) as tally:
        for item in items:
            yield item
            tally.done()


def log(line: str) -> None:
    """One line on standard error about what is being done."""
    print(line, file=sys.stderr, flush=True)
