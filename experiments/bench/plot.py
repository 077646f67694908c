"""The results as one picture: seconds of each contender, and what a timestep costs."""

from collections.abc import Callable
from math import ceil
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.bench.cells import stated
from samjax.files.atomic import atomic

COLORS = ("#1b6ca8", "#d1495b", "#edae49", "#66a182", "#6b4c9a")
# So that a contender has its colour in every panel; others have the last one.
CONTENDERS = ("samjax", "pytorch eager", "onnxruntime", "openvino")
MAX_COLUMNS = 4


def draw(results: dict[str, dict[str, Any]], path: Path) -> None:
    """Draw what was measured of the network and the timesteps; nothing if neither was.

    Args:
        results: The contents of the subjects' files, by subject.
        path: The PNG to write.
    """
    cells = _measured(results, "network")
    recurrences = _measured(results, "timesteps")
    panels: list[tuple[Callable, str, dict]] = []
    panels += [(_draw_bars, name, cell) for name, cell in cells.items()]
    panels += [(_draw_lines, kind, costs) for kind, costs in recurrences.items()]
    if not panels:
        return
    columns = min(len(panels), MAX_COLUMNS)
    rows = ceil(len(panels) / columns)
    figure = Figure(figsize=(3.2 * columns, 3.4 * rows), layout="constrained")
    all_axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (draw_panel, name, values) in zip(all_axes, panels, strict=False):
        draw_panel(axes, name, values)
    for axes in all_axes[len(panels) :]:
        axes.set_axis_off()
    with atomic(path) as partial:
        figure.savefig(partial, format="png", dpi=150)


def _measured(results: dict[str, dict[str, Any]], subject: str) -> dict[str, Any]:
    """Return the cells of a subject that have values."""
    cells = results.get(subject, {}).get("results", {})
    return {name: cell for name, cell in cells.items() if not stated(cell)}


def _draw_bars(axes: Axes, name: str, cell: dict[str, Any]) -> None:
    """Draw the contenders' median seconds at one task, with their quartiles."""
    timed = {name: t for name, t in cell["contenders"].items() if "seconds" in t}
    for contender, timing in timed.items():
        color = COLORS[CONTENDERS.index(contender) if contender in CONTENDERS else -1]
        median = timing["seconds"]
        low, high = timing["seconds_quartiles"]
        reach = [[median - low], [high - median]]
        axes.bar([contender], [median], yerr=reach, color=color, capsize=3)
    axes.set_title(name, fontsize="medium", wrap=True)
    axes.set(ylabel="seconds")
    for label in axes.get_xticklabels():
        label.set(rotation=40, horizontalalignment="right", rotation_mode="anchor")


def _draw_lines(axes: Axes, kind: str, costs: dict[str, Any]) -> None:
    """Draw the seconds of the recurrence over its number of timesteps, a line per contender."""
    for (name, seconds), color in zip(costs["seconds"].items(), COLORS, strict=False):
        axes.plot(costs["timesteps"], seconds, "o-", color=color, label=name)
    axes.set(title=f"recurrence, {kind}", xlabel="timesteps", ylabel="seconds", ylim=0)
    axes.legend(frameon=False, fontsize="small")
