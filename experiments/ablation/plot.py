"""The ablation as a picture: a metric per panel, bands for the intervals."""

from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from samjax.files.atomic import atomic
from samjax.metrics import LOWER_IS_BETTER

METRICS = ("NSS", "CC", "KL", "AUC_Judd", "IG", "LL")
MOST = 4
# Told apart without colour too, by their markers; the colours are Okabe and Ito's.
STYLES = {"retrain": ("#0072b2", "o"), "readout": ("#d55e00", "s")}


def draw(summary: dict, folder: Path) -> None:
    """plot.png and plot.pdf."""
    names = [n for n in METRICS if n in summary["metrics"]][:MOST] or summary["metrics"][:MOST]
    numeric = all(isinstance(row["x"], int | float) for row in summary["rows"])
    height = 2.6 if numeric else 0.9 + 0.32 * len(summary["rows"])
    figure = Figure(figsize=(2.6 * len(names) + 0.4, height), layout="constrained")
    panels = figure.subplots(1, len(names), squeeze=False, sharey=not numeric)[0]
    for axes, name in zip(panels, names, strict=True):
        (_curves if numeric else _dots)(axes, summary, name)
        axes.set_title(f"{name} (lower is better)" if name in LOWER_IS_BETTER else name)
        axes.grid(alpha=0.25)
    for suffix in ("png", "pdf"):
        with atomic(folder / f"plot.{suffix}") as partial:
            figure.savefig(partial, format=suffix, dpi=160)


def _curves(axes, summary: dict, name: str) -> None:
    """The metric over the one numeric field."""
    for mode in dict.fromkeys(row["mode"] for row in summary["rows"]):
        rows = sorted((r for r in summary["rows"] if r["mode"] == mode), key=lambda r: r["x"])
        x = [row["x"] for row in rows]
        mean, low, high = ([r["scores"][name][k] for r in rows] for k in ("mean", "low", "high"))
        color, marker = STYLES[mode]
        axes.plot(x, mean, marker=marker, color=color, label=mode)
        axes.fill_between(x, low, high, color=color, alpha=0.15, linewidth=0)
    axes.set_xlabel(summary["field"])
    if all(float(row["x"]).is_integer() for row in summary["rows"]):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, fontsize="small")


def _dots(axes, summary: dict, name: str) -> None:
    """A line per row, the first on top."""
    rows = summary["rows"]
    for y, row in enumerate(rows):
        score, (color, marker) = row["scores"][name], STYLES[row["mode"]]
        axes.plot([score["low"], score["high"]], [y, y], color=color, alpha=0.5)
        axes.plot(score["mean"], y, marker=marker, color=color)
    axes.set_yticks(range(len(rows)), [row["label"] for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
