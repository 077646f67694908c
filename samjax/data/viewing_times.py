"""What had been looked at after a while: fixations by the time at which they begin.

Datasets give durations, not times. Here a fixation begins when the earlier ones of its trial are
over, so its time is the sum of their durations. The saccades between them, some 30 to 50 ms each,
are unknown and left out. The true time is therefore later by about a tenth; as many fixations as
the summed durations allow are kept, in every image alike. A trial is what one subject did with one
image.
"""

from dataclasses import replace

import numpy as np

from samjax.data.example import Example
from samjax.errors import UserError


def onset_times(example: Example) -> np.ndarray:
    """Return when each fixation begins, in ms after the first of its trial.

    Returns:
        [N] float64; nan where a duration before the fixation is unknown.

    Raises:
        UserError: The dataset does not give subjects, order or durations.
    """
    _check_columns(example)
    times = np.zeros(len(example.points), np.float64)
    for subject in np.unique(example.subject):
        trial = np.flatnonzero(example.subject == subject)
        # Records may hold the rows of a trial in any order.
        trial = trial[np.argsort(example.order[trial], kind="stable")]
        # The first begins at 0; in float64, because float32 would lose ms in long trials.
        times[trial[1:]] = np.cumsum(example.duration_ms[trial[:-1]], dtype=np.float64)
    return times


def _check_columns(example: Example) -> None:
    """Raise a UserError that names what is unknown of an example's fixations."""
    unknown = []
    if (example.subject < 0).any():
        unknown.append("subject")
    if (example.order < 0).any():
        unknown.append("order")
    if len(example.points) and np.isnan(example.duration_ms).all():
        unknown.append("duration_ms")
    if unknown:
        raise UserError(
            f"{example.image_id}: fixations have no {' and no '.join(unknown)}, so when they began "
            "is unknown; use a dataset that has it, or no durations"
        )


def viewed_by(example: Example, viewing_time_ms: float) -> Example:
    """Return the example with only the fixations that begin up to a time, in ms.

    Its published density, which shows all fixations, is left out.

    Raises:
        UserError: The dataset does not say when fixations begin; see `onset_times`.
    """
    kept = onset_times(example) <= viewing_time_ms
    return replace(example.select(kept), density=b"")
