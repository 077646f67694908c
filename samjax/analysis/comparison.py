"""Two versions of a picture: where attention moved, and what each area gained, with an interval.

The densities of a version come from one model over variants of the picture (`variants`), or from
several models, such as trainings with different seeds. The two versions are taken in the same way
each time, and the differences of the pairs are what the interval is made of. Pixels are never
taken as independent of each other.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from samjax.analysis.area import Area
from samjax.analysis.attention import CoveredArea, area_shares, cover_areas
from samjax.analysis.resample import resample
from samjax.errors import UserError

LEVEL = 0.95


class AreaDifference(NamedTuple):
    """What an area gained from one version to the other.

    Attributes:
        name: Of the area.
        before: Its share of all attention in the first version, the mean over the pairs.
        after: Its share in the second version.
        difference: after - before.
        low: The lower end of the interval of the difference; nan with one pair only.
        high: The upper end.
    """

    name: str
    before: float
    after: float
    difference: float
    low: float
    high: float


class Comparison(NamedTuple):
    """How attention moved between two versions.

    Attributes:
        difference: float64 [H, W] of the first version's size: the density of the second version,
            stretched over the first, less that of the first. Its sum is 0.
        moved: The share of attention that is elsewhere, half the sum of the absolute difference.
        areas: What the areas gained, in their order.
        pairs: Of how many pairs of densities all this is the mean.
    """

    difference: np.ndarray
    moved: float
    areas: list[AreaDifference]
    pairs: int


def compare_densities(
    pairs: Iterable[tuple[np.ndarray, np.ndarray]],
    before: Sequence[Area],
    after: Sequence[Area],
) -> Comparison:
    """Compare two versions of a picture.

    Args:
        pairs: Densities of the first version [H, W] and the second [h, w], taken in the same way.
        before: The areas on the first version.
        after: The same areas, by name and in the same order, on the second.

    Raises:
        UserError: The areas have other names, or there is no pair.
    """
    names = [area.name for area in before]
    if names != [area.name for area in after]:
        raise UserError("the two versions need areas of the same names in the same order")
    covered: tuple[list[CoveredArea], list[CoveredArea]] | None = None
    total = np.zeros(())
    shares: list[tuple[np.ndarray, np.ndarray]] = []
    for first, second in pairs:
        if covered is None:
            covered = cover_areas(before, *first.shape), cover_areas(after, *second.shape)
        shares.append((area_shares(first, covered[0]), area_shares(second, covered[1])))
        stretched = resample(second, *first.shape)
        scale = first.sum(dtype=np.float64)
        total = total + (stretched / stretched.sum() - first.astype(np.float64) / scale)
    if not shares:
        raise UserError("there is no pair of densities to compare")
    difference = total / len(shares)
    first_shares, second_shares = (np.array(part) for part in zip(*shares, strict=True))
    areas = differences(names, first_shares, second_shares)
    return Comparison(difference, float(np.abs(difference).sum()) / 2, areas, len(shares))


def differences(
    names: Sequence[str], before: np.ndarray, after: np.ndarray
) -> list[AreaDifference]:
    """Return what each of N areas gained, from K pairs of shares.

    The interval is that in which the difference of one further pair falls in 95 of 100 cases:
    mean +- t * s * sqrt(1 + 1 / K), with the standard deviation s of the K differences and
    Student's t of K - 1 degrees of freedom. It is not the uncertainty of the mean, which would
    shrink to nothing with more and more variants of the same picture.

    Args:
        names: [N].
        before: [K, N].
        after: [K, N].
    """
    gained = after - before
    count = len(gained)
    mean = gained.mean(axis=0)
    half = np.full(len(names), np.nan)
    if count > 1:
        t = float(stats.t.ppf((1 + LEVEL) / 2, count - 1))
        half = t * gained.std(axis=0, ddof=1) * np.sqrt(1 + 1 / count)
    columns = before.mean(axis=0), after.mean(axis=0), mean, mean - half, mean + half
    return [
        AreaDifference(name, *(float(value) for value in row))
        for name, *row in zip(names, *columns, strict=True)
    ]
