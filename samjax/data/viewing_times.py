"""What had been looked at after a while: fixations by the time at which they begin.

Datasets give durations, not times. Here a fixation begins when the earlier ones of its trial are
over: their durations added up. The saccades between them, some 30 to 50 ms each, are unknown and
left out, so the true time is later by about a tenth; as many fixations as the summed durations
allow are kept, in every image alike. A trial is what one subject did with one image.
"""

from dataclasses import replace

import numpy as np

from samjax.data.example import Example
from samjax.errors import UserError


def onset_times(example: Example) -> np.ndarray:
    """When each fixation begins, ms after the first of its trial, [N]; nan: a duration before it
    is unknown. UserError: the dataset does not give what this needs."""
    times = np.zeros(len(example.points), np.float64)
    unknown = [
        name
        for name, missing in (
            ("subject", (example.subject < 0).any()),
            ("order", (example.order < 0).any()),
            ("duration_ms", len(times) and np.isnan(example.duration_ms).all()),
        )
        if missing
    ]
    if unknown:
        raise UserError(
            f"{example.image_id}: fixations have no {' and no '.join(unknown)}, so when they began "
            "is unknown; use a dataset that has it, or no durations"
        )
    for subject in np.unique(example.subject):
        trial = np.flatnonzero(example.subject == subject)
        trial = trial[np.argsort(example.order[trial], kind="stable")]
        times[trial[1:]] = np.cumsum(example.duration_ms[trial[:-1]], dtype=np.float64)
    return times


def viewed_by(example: Example, duration_ms: float) -> Example:
    """The example with only the fixations that begin up to `duration_ms`, and without its published
    density, which shows them all."""
    kept = onset_times(example) <= duration_ms
    return replace(example.select(kept), density=b"")
