"""The arguments of `samjax compare`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from samjax.commands.area_options import add_area_choice, not_negative
from samjax.commands.photo_options import add_max_pixels
from samjax.errors import UserError

if TYPE_CHECKING:  # it takes NumPy, which is imported only where it is needed
    from samjax.analysis.conditions import Condition

AUGMENTATIONS = 15


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add = parser.add_argument
    add("before", metavar="A", help="the first version: a picture, or a folder of pictures")
    add("after", metavar="B", help="the second version; a picture of another size is stretched")
    add_area_choice(parser.add_mutually_exclusive_group(), default="3x3")
    add(
        "--fail-if",
        action="append",
        default=[],
        type=condition,
        metavar="CONDITION",
        help="end with status 3 if 'AREA < 0.10' or 'AREA > 0.10' holds of the second version, or "
        "if 'AREA drops 0.02' or 'AREA rises 2%%'; may be given several times",
    )
    add(
        "--weights",
        action="append",
        metavar="W",
        help="as for samjax predict; given several times, such as for trainings with other seeds, "
        "the interval is the spread over them (default: the bundled model)",
    )
    add("--offline", action="store_true", help="never download weights, use the cache only")
    add(
        "--augmentations",
        type=not_negative,
        metavar="N",
        help=f"other ways of showing both pictures, of which the interval is made ({AUGMENTATIONS} "
        "with one model; 0: no interval)",
    )
    add_max_pixels(parser)
    add("--seed", type=int, default=0, metavar="N", help="of the augmentations (%(default)s)")
    add("--output", metavar="DIR", help="write the signed map and its picture there")
    add("--csv", metavar="FILE", help="write one row for each area of each pair")
    add("--json", metavar="FILE", help="write everything as JSON")


def condition(text: str) -> Condition:
    """Return a condition of --fail-if; argparse reports a wrong one as wrong usage."""
    from samjax.analysis.conditions import parse_condition

    try:
        return parse_condition(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
