"""Training curves as the geometry of small charts: from `metrics.jsonl` to polylines and ticks.

Coordinates are those of an SVG picture of WIDTH x HEIGHT units, whose origin is at the top left.
The page's style sheet gives the colours.
"""

from pathlib import Path
from typing import NamedTuple

from matplotlib.ticker import MaxNLocator

from samjax.console.log import log
from samjax.training.metrics_file import name_odd, read_lines

WIDTH, HEIGHT = 360, 190
# The margins around the curves, where the labels of the ticks stand.
LEFT, RIGHT, TOP, BOTTOM = 42, 12, 12, 24

TRAIN = "train"
"""The kind of the lines in `metrics.jsonl` that training itself writes."""

FIRST_METRICS = ("loss", "NSS", "CC", "KL", "LL")
"""Charts appear in this order; the other metrics follow as they were written."""

Curve = list[tuple[int, float]]
"""The (step, value) pairs of one line."""


class Series(NamedTuple):
    """One line of a chart.

    Attributes:
        kind: "train", or the name of the dataset that was validated on.
        values: The steps and values as they were recorded.
        points: The (x, y) of each value on the chart.
    """

    kind: str
    values: Curve
    points: list[tuple[float, float]]

    @property
    def path(self) -> str:
        """The coordinates as the attribute `points` of an SVG polyline takes them."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


class Chart(NamedTuple):
    """One metric over the steps of the training.

    Attributes:
        metric: The name of the metric.
        series: Its lines, training first.
        x_ticks: The x and the label of each tick of the steps.
        y_ticks: The y and the label of each tick of the values.
        best: The x of the step with the best checkpoint, or None if it is not marked.
    """

    metric: str
    series: list[Series]
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    best: float | None


def read_metrics(path: Path) -> dict[str, dict[str, Curve]]:
    """Return the curves in a `metrics.jsonl` as {metric: {kind: curve}}, empty without the file.

    Left out are lines that cannot be read, which are named, a last one that is cut short, because
    the run was killed or is still writing, and values that are not finite.
    """
    curves: dict[str, dict[str, Curve]] = {}
    lines, odd = read_lines(path)
    if odd:
        log(f"{name_odd(path, odd)} and are left out")
    for line in lines:
        for metric, value in line.values.items():
            curves.setdefault(metric, {}).setdefault(line.kind, []).append((line.step, value))
    first = [metric for metric in FIRST_METRICS if metric in curves]
    others = [metric for metric in curves if metric not in FIRST_METRICS]
    return {metric: curves[metric] for metric in [*first, *others]}


def make_charts(metrics: dict[str, dict[str, Curve]], best_step: int | None = None) -> list[Chart]:
    """Return a chart for each metric of `read_metrics`; all of them span the same steps."""
    last_step = 1
    for curves in metrics.values():
        for curve in curves.values():
            last_step = max([last_step, *(step for step, _ in curve)])
    return [_make_chart(metric, curves, last_step, best_step) for metric, curves in metrics.items()]


def _make_chart(
    metric: str, curves: dict[str, Curve], last_step: int, best_step: int | None
) -> Chart:
    """Lay out one chart whose x axis ends at `last_step`."""
    values = [value for curve in curves.values() for _, value in curve]
    low, high = min(values), max(values)
    if low == high:  # a flat curve needs some height to lie in
        low, high = low - 0.5, high + 0.5
    y_values = MaxNLocator(4).tick_values(low, high)
    # From tick to tick, so that no curve touches the frame.
    low, high = float(y_values[0]), float(y_values[-1])

    def x(step: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * step / last_step

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)

    series = []
    for kind, curve in _training_first(curves):
        series.append(Series(kind, curve, [(x(step), y(value)) for step, value in curve]))
    steps = MaxNLocator(4, integer=True).tick_values(0, last_step)
    return Chart(
        metric,
        series,
        x_ticks=[(x(step), f"{int(step):,}") for step in steps if 0 <= step <= last_step],
        y_ticks=[(y(value), f"{value:.4g}") for value in y_values],
        best=None if best_step is None else x(best_step),
    )


def _training_first(curves: dict[str, Curve]) -> list[tuple[str, Curve]]:
    """Return the curves with that of training first, so that it is drawn below the others."""
    return sorted(curves.items(), key=lambda item: item[0] != TRAIN)
