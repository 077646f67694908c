"""Training curves as the geometry of small charts: `metrics.jsonl` -> polylines and ticks.

Coordinates are those of an SVG of WIDTH x HEIGHT units; the page's style gives the colours.
"""

import json
import math
from pathlib import Path
from typing import NamedTuple

from matplotlib.ticker import MaxNLocator

WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM = 42, 12, 12, 24
TRAIN = "train"
# In this order, then whatever else was written.
FIRST = ("loss", "NSS", "CC", "KL", "LL")


class Series(NamedTuple):
    """One line: its kind ("train" or the set that was scored), values, and places on the chart."""

    kind: str
    values: list[tuple[int, float]]
    points: list[tuple[float, float]]

    @property
    def path(self) -> str:
        """The `points` of an SVG polyline."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


class Chart(NamedTuple):
    """A metric over the steps; ticks are (place, label); best: place of the best step, or None."""

    metric: str
    series: list[Series]
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    best: float | None


def read_metrics(path: Path) -> dict[str, dict[str, list[tuple[int, float]]]]:
    """metric -> kind -> [(step, value)] of a `metrics.jsonl`; {} if there is none.

    Lines that are cut short (a run that was killed, or is being written) and values that are not
    finite are left out.
    """
    found: dict[str, dict[str, list]] = {}
    for line in path.read_text().splitlines() if path.is_file() else ():
        try:
            row = json.loads(line)
            step, kind = row.pop("step"), row.pop("kind")
        except (ValueError, KeyError, AttributeError):
            continue
        for metric, value in row.items():
            if isinstance(value, int | float) and math.isfinite(value):
                found.setdefault(metric, {}).setdefault(kind, []).append((step, value))
    order = [name for name in FIRST if name in found]
    return {name: found[name] for name in [*order, *(n for n in found if n not in order)]}


def charts(metrics: dict, best_step: int | None = None) -> list[Chart]:
    """A chart per metric, all over the same steps."""
    steps = [s for kinds in metrics.values() for row in kinds.values() for s, _ in row]
    last = max(steps, default=1)
    return [_chart(metric, kinds, max(last, 1), best_step) for metric, kinds in metrics.items()]


def _chart(metric: str, kinds: dict, last: int, best_step: int | None) -> Chart:
    values = [v for row in kinds.values() for _, v in row]
    low, high = min(values), max(values)
    if low == high:
        low, high = low - 0.5, high + 0.5
    ticks = MaxNLocator(4).tick_values(low, high)
    low, high = float(ticks[0]), float(ticks[-1])

    def x(step: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * step / last

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)

    series = [Series(k, row, [(x(s), y(v)) for s, v in row]) for k, row in _train_first(kinds)]
    steps = [s for s in MaxNLocator(4, integer=True).tick_values(0, last) if 0 <= s <= last]
    return Chart(
        metric,
        series,
        [(x(s), f"{int(s):,}") for s in steps],
        [(y(v), f"{v:.4g}") for v in ticks],
        None if best_step is None else x(best_step),
    )


def _train_first(kinds: dict) -> list[tuple[str, list]]:
    """Training is drawn first, so that it lies under the rest."""
    return sorted(kinds.items(), key=lambda item: item[0] != TRAIN)
