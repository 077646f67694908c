"""Scores as tables on the screen."""

import math
from typing import Any

from samjax.console.log import log
from samjax.console.table import format_table
from samjax.evaluation.scores import MODEL
from samjax.metrics import LOWER_IS_BETTER


def print_summary(summary: dict[str, Any]) -> None:
    """Print the summary as a table on standard output, and what needs care on standard error."""
    about = (summary["dataset"], summary["split"], f"{summary['images']} images")
    resolution = f"{summary['resolution']} resolution"
    print(*about, f"convention {summary['convention']}", resolution, sep=", ")
    print(f"edition: {summary['edition'] or 'unknown'}; sigma {sigma_text(summary['sigma'])}")
    print(summary_table(summary))
    if "fraction" in summary:
        log(
            "observers: each subject predicted by the others, scored on that subject alone; "
            "fraction: of the way from center bias to observers, on the same subjects"
        )
    over_fixations = summary["over_fixations"][MODEL]
    if over_fixations and summary["convention"] == "tuebingen":
        means = ", ".join(f"{name} {_cell(e)}" for name, e in over_fixations.items())
        print(f"averaged over fixations, as on MIT300: {means}")
    for name in summary["not_finite"]:
        log(f"no score, the map is not finite: {name}")


def sigma_text(sigma: dict[str, Any]) -> str:
    """Return the blur of the empirical density in words; sigma: as `Sigma` in JSON."""
    if sigma["pixels"] is None:
        return f"{sigma['fraction']:.4g} of the longer side"
    screen = f" of a {sigma['screen']} screen" if sigma["screen"] else ""
    return f"{sigma['pixels']:g} px{screen}"


def summary_table(summary: dict[str, Any]) -> str:
    """Return a row per method with mean and interval, then the paired difference, as a table."""
    methods = summary["scores"]
    names = list(next(iter(methods.values())))
    heads = [f"{name} (low is good)" if name in LOWER_IS_BETTER else name for name in names]
    rows = [["", *heads]]
    for method, estimates in methods.items():
        rows.append([method, *(_cell(estimates[name]) for name in names)])
    difference = summary["difference"]
    if difference:
        rows.append(["model - best", *(_cell(difference.get(n), sign="+") for n in names)])
        rows.append(["best baseline", *(difference.get(n, {}).get("baseline", "") for n in names)])
    fraction = summary.get("fraction")
    if fraction:
        rows.append(["fraction", *(_percent(fraction.get(name)) for name in names)])
    return format_table(rows)


def comparison_table(difference: dict[str, dict[str, Any]], ours: str, theirs: str) -> str:
    """Return per metric the paired difference ours - theirs, interval and p value, as a table."""
    rows = [[f"{ours} - {theirs}", "difference [95 %]", "p", "images"]]
    for name, estimate in difference.items():
        p = "-" if math.isnan(estimate["p"]) else f"{estimate['p']:.4f}"
        cell = _cell(estimate, sign="+", digits=4)
        rows.append([name, cell, p, str(estimate["images"])])
    return format_table(rows)


def _cell(estimate: dict[str, Any] | None, sign: str = "", digits: int = 3) -> str:
    """Return a mean with its interval, or a dash where there is none."""
    if estimate is None or not estimate["images"]:
        return "-"
    form = f"{sign}.{digits}f"
    mean, low, high = (format(estimate[key], form) for key in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"


def _percent(fraction: float | None) -> str:
    """Return a fraction in percent, or a dash where there is none."""
    return "-" if fraction is None or math.isnan(fraction) else f"{100 * fraction:.0f} %"
