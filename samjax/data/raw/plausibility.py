"""Whether fixations can be what they are taken for: measured image by image, judged as a whole.

Fractions read as pixels, seconds read as milliseconds and exchanged axes give numbers that are
sound one by one. Together they give themselves away, and are asked about before a dataset of them
is made.
"""

from dataclasses import asdict, dataclass

import numpy as np

from samjax.data.raw.points import Points, are_inside
from samjax.data.raw.units import Units

MIN_SIDE = 16
"""Smaller images do not count where positions are compared with 1."""
MOSTLY = 0.95
FEW_MS, MANY_MS = 5.0, 20_000.0
"""Fixations last some 50 to 2000 ms; a median beyond these is of another unit."""
CORNER = 0.25
"""Of width and height: fixations on several images never keep to so small a part at the edges."""
POINT = 0.02  # likewise anywhere


@dataclass
class GazeStatistics:
    """Sums over images, which may be added up.

    Attributes:
        images: Images with fixations.
        fixations: All of them, those outside their image included.
        outside: Fixations outside their image.
        outside_turned: How many would be outside if width and height were exchanged.
        near_unit: Fixations whose coordinates are within -0.5 to 1.5, on images that are larger.
        fractional: Fixations with a coordinate that is no whole number.
        repeated: Fixations that are equal in everything to an earlier one of the same image.
        left: The least x of all inside, as a fraction of the image's width.
        right: The largest x, likewise.
        top: The least y, as a fraction of the height.
        bottom: The largest y, likewise.
        durations: Fixations with a known duration.
        short: Those of less than FEW_MS.
        long: Those of more than MANY_MS.
    """

    images: int = 0
    fixations: int = 0
    outside: int = 0
    outside_turned: int = 0
    near_unit: int = 0
    fractional: int = 0
    repeated: int = 0
    left: float = 1.0
    right: float = 0.0
    top: float = 1.0
    bottom: float = 0.0
    durations: int = 0
    short: int = 0
    long: int = 0

    def include(self, other: "GazeStatistics") -> None:
        """Add the statistics of other images."""
        for name, value in asdict(other).items():
            mine = getattr(self, name)
            combine = {"left": min, "top": min, "right": max, "bottom": max}.get(name)
            setattr(self, name, combine(mine, value) if combine else mine + value)

    def as_json(self) -> dict[str, float]:
        """Return the statistics by name."""
        return asdict(self)


def measure(points: Points, height: int, width: int) -> GazeStatistics:
    """Return the statistics of one image of this size, with any points outside it."""
    xy = np.asarray(points.xy, np.float64).reshape(-1, 2)
    if not len(xy):
        return GazeStatistics()
    inside = are_inside(xy, height, width)
    fractional = (xy != np.rint(xy)).any(axis=1)
    known = ~np.isnan(points.duration_ms)
    # Two people may look at one pixel, so whole numbers alone tell nothing.
    telling = fractional | known | (points.order >= 0)
    rows = np.nan_to_num(np.column_stack(points)[telling], nan=-1)
    result = GazeStatistics(
        images=1,
        fixations=len(xy),
        outside=int((~inside).sum()),
        outside_turned=int((~are_inside(xy, width, height)).sum()),
        fractional=int(fractional.sum()),
        repeated=len(rows) - len(np.unique(rows, axis=0)),
    )
    if min(height, width) >= MIN_SIDE:
        result.near_unit = int(((xy >= -0.5) & (xy <= 1.5)).all(axis=1).sum())
    if inside.any():
        fractions = (xy[inside] + 0.5) / (width, height)
        result.left, result.top = fractions.min(axis=0).tolist()
        result.right, result.bottom = fractions.max(axis=0).tolist()
    durations = points.duration_ms[known]
    result.durations = len(durations)
    result.short = int((durations < FEW_MS).sum())
    result.long = int((durations > MANY_MS).sum())
    return result


def question(gaze: GazeStatistics, units: Units, *, skip: bool) -> str:
    """Return a question about fixations that cannot be what they are taken for, or "".

    Args:
        gaze: The statistics of all images.
        units: What the user has said; nothing is asked that it answers.
        skip: Whether the user has said that what cannot be used is to be left out.
    """
    return _about_positions(gaze, units, skip) or _about_durations(gaze, units)


def _about_positions(gaze: GazeStatistics, units: Units, skip: bool) -> str:
    if units.positions or not gaze.fixations:
        return ""
    total = f"{gaze.fixations:,} fixations"
    if gaze.fractional and gaze.near_unit >= MOSTLY * gaze.fixations:
        return (
            f"nearly all of the {total} lie between 0 and 1 in x and y: are they fractions of "
            "width and height? give --units=fractions, or --units=pixels if they are pixels"
        )
    few = gaze.fixations < 4
    if gaze.outside > max(2, 0.02 * gaze.fixations) and not gaze.outside_turned:
        return (
            f"{gaze.outside:,} of the {total} lie outside their images, and none would with width "
            "and height exchanged: are x and y exchanged, or are the images turned by EXIF? mend "
            "the source, or give --units=pixels if all is right"
        )
    if gaze.outside > gaze.fixations / 2 and not few and not skip:
        return (
            f"{gaze.outside:,} of the {total} lie outside their images: are they positions on the "
            "screen? give them in pixels of the images, or leave these out with --on-error=skip"
        )
    if 2 * gaze.repeated >= gaze.fixations >= 10 and not skip:
        return (
            f"{gaze.repeated:,} of the {total} are equal to another one of the same image in all "
            "columns: is the file there twice? mend the source, or give --on-error=skip to take it "
            "as it is"
        )
    return "" if skip else _about_extent(gaze, total)


def _about_extent(gaze: GazeStatistics, total: str) -> str:
    if gaze.images < 4 or gaze.fixations < 40 or gaze.right < gaze.left:
        return ""
    across = gaze.right < CORNER or gaze.left > 1 - CORNER
    down = gaze.bottom < CORNER or gaze.top > 1 - CORNER
    at_a_point = gaze.right - gaze.left < POINT and gaze.bottom - gaze.top < POINT
    if not (across and down) and not at_a_point:
        return ""
    extent = f"{gaze.left:.0%} to {gaze.right:.0%} of the width and {gaze.top:.0%} to "
    return (
        f"all of the {total} on {gaze.images:,} images lie within {extent}{gaze.bottom:.0%} of the "
        "height: are they in other units, or of larger images? give --units=fractions, or "
        "--units=pixels if they are right"
    )


def _about_durations(gaze: GazeStatistics, units: Units) -> str:
    if units.durations or not gaze.durations:
        return ""
    if 2 * gaze.short > gaze.durations:
        return (
            f"{gaze.short:,} of {gaze.durations:,} durations are below {FEW_MS:g} ms: are they "
            "seconds? give --units=seconds, or --units=ms if they are milliseconds"
        )
    if 2 * gaze.long > gaze.durations:
        return (
            f"{gaze.long:,} of {gaze.durations:,} durations are above {MANY_MS / 1000:g} s: are "
            "they in microseconds? give milliseconds, or --units=ms if they are such"
        )
    return ""
