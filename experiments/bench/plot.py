"""The results as one picture: seconds of each contender, and what a timestep costs."""

import importlib.util
from pathlib import Path

from samjax.files.atomic import atomic

COLORS = ("#1b6ca8", "#d1495b", "#edae49", "#66a182", "#6b4c9a")


def draw(results: dict[str, dict], path: Path) -> bool:
    """Draws what was measured; False where matplotlib is absent."""
    if not importlib.util.find_spec("matplotlib"):
        return False
    from matplotlib.figure import Figure

    cells = results.get("network", {}).get("results", {})
    curves = results.get("timesteps", {}).get("results", {})
    panels = [*((bars, *item) for item in cells.items()), *((lines, *c) for c in curves.items())]
    if not panels:
        return True
    figure = Figure(figsize=(3.2 * len(panels), 3.4), layout="constrained")
    for axes, (panel, name, found) in zip(
        figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True
    ):
        panel(axes, name, found)
    with atomic(path) as partial:
        figure.savefig(partial, format="png", dpi=150)
    return True


def bars(axes, name: str, found: dict) -> None:
    """Medians with their quartiles."""
    timed = found["contenders"]
    median = [t["seconds"] for t in timed.values()]
    low, high = zip(*(t["seconds_quartiles"] for t in timed.values()), strict=True)
    reach = ([m - v for m, v in zip(median, low, strict=True)],
             [v - m for m, v in zip(median, high, strict=True)])  # fmt: skip
    axes.bar([*timed], median, yerr=reach, color=COLORS[: len(timed)], capsize=3)
    axes.set(title=name, ylabel="seconds")
    axes.tick_params(axis="x", rotation=40)


def lines(axes, kind: str, found: dict) -> None:
    for (name, seconds), color in zip(found["seconds"].items(), COLORS, strict=False):
        axes.plot(found["timesteps"], seconds, "o-", color=color, label=name)
    axes.set(title=f"recurrence, {kind}", xlabel="timesteps", ylabel="seconds", ylim=0)
    axes.legend(frameon=False, fontsize="small")
