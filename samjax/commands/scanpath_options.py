"""The options of `samjax predict` that write a likely gaze order beside each map."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from samjax.errors import UserError

if TYPE_CHECKING:  # it takes OpenCV, which is imported only where it is needed
    from collections.abc import Mapping

    from samjax.prediction.outputs import Encoder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of gaze order to the parser."""
    add = parser.add_argument
    add(
        "--scanpath",
        type=int,
        metavar="N",
        help="also STEM_scanpath.jpg and .csv: a likely order of N fixations, drawn from the map; "
        "an illustration, since the model knows no order",
    )
    add("--seed", type=int, metavar="S", help="of the scanpath; another gives another order (0)")


def encoders(fixations: int | None, seed: int | None) -> Mapping[str, Encoder] | None:
    """Return what writes the files of --scanpath; None without it.

    Raises:
        UserError: There is a seed for nothing, or there are too many fixations.
    """
    if fixations is None:
        if seed is not None:
            raise UserError(f"--seed={seed} is that of --scanpath; give it as well")
        return None
    from samjax.analysis.scanpath_files import scanpath_encoders

    return scanpath_encoders(fixations, seed or 0)
