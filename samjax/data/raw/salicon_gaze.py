"""SALICON's .mat files: `gaze`, a struct per worker, and `resolution` [height, width]."""

from collections.abc import Mapping
from typing import Any

from samjax.data.raw.mat_file import field, number_rows, structs
from samjax.data.raw.points import Points, scanpath, to_zero_based
from samjax.errors import UserError

VARIABLES = frozenset(("gaze", "resolution"))


def read_gaze(values: Mapping[str, Any], name: str) -> tuple[list[Points], tuple[int, int]]:
    """Return the fixations of each worker, and the (height, width) that they belong to.

    Args:
        values: The variables of the file.
        name: What the file is called in messages.

    Raises:
        UserError: The file is of another kind.
    """
    if not values.keys() >= VARIABLES:
        raise UserError(f"{name} has {', '.join(values) or 'nothing'}, not `gaze` and `resolution`")
    # Who has no fixations keeps an empty trial, so that numbers count the workers of the file.
    trials = []
    for number, worker in enumerate(structs(values["gaze"])):
        xy = number_rows(field(worker, "fixations", name), 2, name)
        trials.append(scanpath(to_zero_based(xy), number))
    resolution = number_rows(values["resolution"].reshape(1, -1), 2, name)
    if not 0 < resolution.min() <= resolution.max() < 10**6:
        raise UserError(f"{name}: `resolution` is {resolution.ravel().tolist()}, not a size")
    return trials, (int(resolution[0, 0]), int(resolution[0, 1]))
