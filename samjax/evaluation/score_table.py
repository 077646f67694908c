"""Scores as tables on the screen."""

import math

from samjax.console.log import log
from samjax.evaluation.score_report import MODEL
from samjax.metrics import LOWER_IS_BETTER


def print_summary(summary: dict) -> None:
    """The summary as a table on standard output; what needs care on standard error."""
    about = (summary["dataset"], summary["split"], f"{summary['images']} images")
    resolution = f"{summary['resolution']} resolution"
    print(*about, f"convention {summary['convention']}", resolution, sep=", ")
    print(f"edition: {summary['edition'] or 'unknown'}; sigma {sigma_text(summary['sigma'])}")
    print(format_table(summary))
    if "fraction" in summary:
        log(
            "observers: each subject predicted by the others, scored on that subject alone; "
            "fraction: of the way from center bias to observers, on the same subjects"
        )
    over_fixations = summary["over_fixations"][MODEL]
    if over_fixations and summary["convention"] == "tuebingen":
        found = ", ".join(f"{name} {_cell(e)}" for name, e in over_fixations.items())
        print(f"averaged over fixations, as on MIT300: {found}")
    for name in summary["not_finite"]:
        log(f"no score, the map is not finite: {name}")


def sigma_text(sigma: dict) -> str:
    """The blur of the empirical density in words."""
    if sigma["pixels"] is None:
        return f"{sigma['fraction']:.4g} of the longer side"
    screen = f" of a {sigma['screen']} screen" if sigma["screen"] else ""
    return f"{sigma['pixels']:g} px{screen}"


def format_table(summary: dict) -> str:
    """Aligned text: one row per method with mean and interval, then the paired difference."""
    methods = summary["scores"]
    names = list(next(iter(methods.values())))
    heads = [f"{n} (low is good)" if n in LOWER_IS_BETTER else n for n in names]
    rows = [["", *heads]]
    rows += [[m, *(_cell(row[n]) for n in names)] for m, row in methods.items()]
    difference = summary["difference"]
    if difference:
        rows.append(["model - best", *(_cell(difference.get(n), sign="+") for n in names)])
        rows.append(["best baseline", *(difference.get(n, {}).get("baseline", "") for n in names)])
    fraction = summary.get("fraction")
    if fraction:
        rows.append(["fraction", *(_percent(fraction.get(n)) for n in names)])
    return _aligned(rows)


def format_comparison(difference: dict, ours: str, theirs: str) -> str:
    """Aligned text: per metric the paired difference ours - theirs, interval and p value."""
    rows = [[f"{ours} - {theirs}", "difference [95 %]", "p", "images"]]
    for name, d in difference.items():
        p = "-" if math.isnan(d["p"]) else f"{d['p']:.4f}"
        rows.append([name, _cell(d, sign="+", digits=4), p, str(d["images"])])
    return _aligned(rows)


def _aligned(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _cell(estimate: dict | None, sign: str = "", digits: int = 3) -> str:
    if estimate is None or not estimate["images"]:
        return "-"
    form = f"{sign}.{digits}f"
    mean, low, high = (format(estimate[k], form) for k in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"


def _percent(fraction: float | None) -> str:
    return "-" if fraction is None or math.isnan(fraction) else f"{100 * fraction:.0f} %"
