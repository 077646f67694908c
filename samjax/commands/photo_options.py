"""What the commands on photographs have in common: the search for them, and numbers of options."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # it takes NumPy, which is imported only where it is needed
    from samjax.prediction.photo_search import Search


def search(paths: Sequence[str], output: Path) -> Search:
    """Return the photographs among files and folders; tell what was left out on standard error.

    Raises:
        UserError: As of `samjax.prediction.photo_search.find_photos`.
    """
    from samjax.console.log import log
    from samjax.prediction.photo_search import find_photos

    found = find_photos(paths, output)
    for note in found.notes:
        log(note)
    return found


def add_max_pixels(parser: argparse.ArgumentParser) -> None:
    """Add the option that lets photographs of more pixels be read."""
    parser.add_argument(
        "--max-pixels",
        type=positive,
        metavar="N",
        help="of an image; larger ones are refused before they take memory (134217728)",
    )


def positive(text: str) -> int:
    """Return the number that an argument names; argparse reports one below 1 as wrong usage."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not positive; give 1 or more")
    return value
