"""Progress over images on standard error."""

import sys
from collections.abc import Iterable, Iterator

from tqdm import tqdm


def track(items: Iterable, total: int, what: str) -> Iterator:
    """Iterates with a progress bar on a terminal, and one plain line otherwise."""
    if sys.stderr.isatty():
        return iter(tqdm(items, desc=what, total=total, unit=" images", file=sys.stderr))
    print(f"{what} {total} images", file=sys.stderr)
    return iter(items)
