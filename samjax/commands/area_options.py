"""What `samjax areas` and `samjax compare` have in common: which areas, and which model."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from samjax.errors import UserError

if TYPE_CHECKING:  # it takes NumPy, which is imported only where it is needed
    from samjax.analysis.area import Area
    from samjax.prediction.outputs import Photo


NOWHERE = Path(os.devnull) / "nowhere"
"""The folder for pictures where none are written, so that the search leaves out no folder."""


def add_area_choice(group: argparse._MutuallyExclusiveGroup, default: str = "") -> None:
    """Add the options that say which areas are measured; default: the grid without either."""
    group.add_argument(
        "--areas",
        metavar="FILE",
        help="areas as .csv (image,area,x,y,width,height in pixels), .json (ours, COCO, Labelme) "
        "or .svg, or a folder of such files; without an image's name they are those of every one",
    )
    group.add_argument(
        "--grid",
        type=grid_size,
        metavar="RxC",
        help="the cells of a grid, such as 3x3"
        + f" (default without --areas: {default})" * bool(default),
    )


def add_weights(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose one model."""
    parser.add_argument(
        "--weights", metavar="W", help="as for samjax predict (default: the bundled model)"
    )
    parser.add_argument(
        "--offline", action="store_true", help="never download weights, use the cache only"
    )


def read_for(pictures: list[Path], file: str) -> tuple[list[Area], list[Path]]:
    """Return the areas of a file and the pictures without any; tell which names no picture has.

    Raises:
        UserError: It cannot be read, or no picture has an area.
    """
    from samjax.analysis.area_formats.read import read_areas
    from samjax.analysis.matching import unmatched
    from samjax.console.log import log

    areas, notes = read_areas(file)
    names, without = unmatched(areas, pictures)
    for note in notes:
        log(note if note.startswith(file) else f"{file}: {note}")
    for name in names:
        log(f"{file}: no picture is called '{name}'; its areas are left out")
    if len(without) == len(pictures):
        others = " or the others" if len(pictures) > 1 else ""
        raise UserError(f"{file} has no area for {pictures[0]}{others}")
    return areas, without


def plan_drawings(photos: list[Photo], folder: Path, suffix: str) -> dict[Path, Path]:
    """Return {picture: the file STEM + suffix + .png to draw it in}; no two files are the same."""
    from samjax.prediction.outputs import plan_outputs

    plans = plan_outputs(photos, folder, ("png8",), (suffix,))
    return {plan.photo: plan.files["png8", suffix] for plan in plans}


def grid_size(text: str) -> tuple[int, int]:
    """Return the rows and columns of "3x4"; argparse reports anything else as wrong usage."""
    match = re.fullmatch(r"(\d+)x(\d+)", text.strip().lower())
    if not match or "0" in match.groups():
        raise argparse.ArgumentTypeError(f"{text!r} is no grid; give ROWSxCOLUMNS, such as 3x3")
    return int(match[1]), int(match[2])


def not_negative(text: str) -> int:
    """Return the number that an argument names; argparse reports one below 0 as wrong usage."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{value} is negative; give 0 or more")
    return value
