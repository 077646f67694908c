"""The ablation as a picture: a metric per panel, bands for the intervals."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from experiments.ablation.rows import READOUT, RETRAIN
from experiments.ablation.summary import Summary
from samjax.files.atomic import atomic
from samjax.metrics import LOWER_IS_BETTER

METRICS = ("NSS", "CC", "KL", "AUC_Judd", "IG", "LL")
"""The panels show the first of these that were measured."""
MAX_PANELS = 4
# The markers tell the modes apart without colour too; the colours are from Okabe and Ito's
# palette, which colour-blind people can tell apart.
STYLES = {RETRAIN: ("#0072b2", "o"), READOUT: ("#d55e00", "s")}


def draw(summary: Summary, folder: Path) -> None:
    """Write plot.png and plot.pdf: curves over one numeric field, else a line per row."""
    names = [name for name in METRICS if name in summary["metrics"]] or summary["metrics"]
    names = names[:MAX_PANELS]
    is_numeric = all(isinstance(row["x"], int | float) for row in summary["rows"])
    height = 2.6 if is_numeric else 0.9 + 0.32 * len(summary["rows"])
    figure = Figure(figsize=(2.6 * len(names) + 0.4, height), layout="constrained")
    panels = figure.subplots(1, len(names), squeeze=False, sharey=not is_numeric)[0]
    for axes, name in zip(panels, names, strict=True):
        if is_numeric:
            _draw_curves(axes, summary, name)
        else:
            _draw_rows(axes, summary, name)
        axes.set_title(f"{name} (lower is better)" if name in LOWER_IS_BETTER else name)
        axes.grid(alpha=0.25)
    for suffix in ("png", "pdf"):
        with atomic(folder / f"plot.{suffix}") as partial:
            figure.savefig(partial, format=suffix, dpi=160)


def _draw_curves(axes: Axes, summary: Summary, name: str) -> None:
    """Draw a metric over the one numeric field, a curve for each mode."""
    for mode in dict.fromkeys(row["mode"] for row in summary["rows"]):
        rows = [row for row in summary["rows"] if row["mode"] == mode]
        rows.sort(key=lambda row: row["x"])
        x = [row["x"] for row in rows]
        scores = [row["scores"][name] for row in rows]
        color, marker = STYLES[mode]
        axes.plot(x, [s["mean"] for s in scores], marker=marker, color=color, label=mode)
        low, high = [s["low"] for s in scores], [s["high"] for s in scores]
        axes.fill_between(x, low, high, color=color, alpha=0.15, linewidth=0)
    axes.set_xlabel(summary["field"])
    if all(float(row["x"]).is_integer() for row in summary["rows"]):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, fontsize="small")


def _draw_rows(axes: Axes, summary: Summary, name: str) -> None:
    """Draw a metric's mean and interval in a line per row, the first row on top."""
    rows = summary["rows"]
    for y, row in enumerate(rows):
        score, (color, marker) = row["scores"][name], STYLES[row["mode"]]
        axes.plot([score["low"], score["high"]], [y, y], color=color, alpha=0.5)
        axes.plot(score["mean"], y, marker=marker, color=color)
    axes.set_yticks(range(len(rows)), [row["label"] for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
