"""What builders check of an image that they load; what does not fit becomes a warning."""

from collections.abc import Sequence

import numpy as np

from samjax.data.example import Example
from samjax.data.raw.points import Points
from samjax.data.raw.problems import Problem


def check_trials(image_id: str, trials: Sequence[Points]) -> tuple[Problem, ...]:
    """Return a warning for each trial without a fixation, and for each fixation that repeats.

    A fixation repeats if it is exactly where the one before it in the same trial was.
    """
    warnings = []
    for number, trial in enumerate(trials, start=1):
        if not len(trial.xy):
            warnings.append(Problem("empty trial", image_id, f"trial {number} has no fixation"))
        same_place = (np.diff(trial.xy, axis=0) == 0).all(axis=1)
        for i in np.flatnonzero(same_place).tolist():
            what = f"trial {number}, fixation {i + 1} is where the one before it was"
            warnings.append(Problem("repeated point", image_id, what))
    return tuple(warnings)


def check_annotated_size(example: Example, height: int, width: int) -> tuple[Problem, ...]:
    """Return a warning if the annotations state another size than the image file has."""
    if (example.height, example.width) == (height, width):
        return ()
    have = f"{example.width} x {example.height}"
    what = f"the file has {have} pixels, the annotations {width} x {height}"
    return (Problem("size differs from its annotations", example.image_id, what),)


def check_common_size(example: Example, height: int, width: int) -> tuple[Problem, ...]:
    """Return a warning if an image is not of the size that all images of its dataset have."""
    if (example.height, example.width) == (height, width):
        return ()
    what = f"{example.width} x {example.height} pixels, not {width} x {height}"
    return (Problem("wrong size", example.image_id, what),)
