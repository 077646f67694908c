"""The rows of an ablation as a table: for the screen, CSV, JSON, Markdown and LaTeX."""

import csv
import io
import json
import math
from pathlib import Path

from samjax.files.atomic import write_atomic
from samjax.metrics import LOWER_IS_BETTER

COSTS = {
    "multiply_adds": ("10^9 multiply-adds", 1e-9, ".3g"),
    "parameters": ("10^6 parameters", 1e-6, ".3f"),
    "seconds": ("ms per image", 1e3, ".3g"),
    "memory_bytes": ("MiB", 2.0**-20, ".0f"),
}


def write(summary: dict, folder: Path) -> None:
    """table.json, .csv, .md and .tex, each at once or not at all."""
    write_atomic(folder / "table.json", json.dumps(_finite(summary), indent=1) + "\n")
    write_atomic(folder / "table.csv", as_csv(summary))
    write_atomic(folder / "table.md", markdown(summary))
    write_atomic(folder / "table.tex", latex(summary))


def as_csv(summary: dict) -> str:
    """One line per row; each metric with its interval, its difference, that one's and p."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    parts = ("mean", "low", "high")
    head = ["mode", "setting", "images", "seeds"]
    for name in summary["metrics"]:
        head += [name, f"{name}_low", f"{name}_high"]
        head += [f"{name}_{part}" for part in ("difference", "difference_low", "difference_high")]
        head.append(f"{name}_p")
    lines.writerow([*head, *COSTS])
    for row in summary["rows"]:
        cells = [row["mode"], row["label"], row["images"], row["seeds"]]
        for name in summary["metrics"]:
            cells += [_number(row["scores"][name][part]) for part in parts]
            gap = row["difference"].get(name, {})
            cells += [_number(gap.get(part, math.nan)) for part in (*parts, "p")]
        lines.writerow([*cells, *(_number(row["cost"][key]) for key in COSTS)])
    return text.getvalue()


def grid_of(summary: dict) -> list[list[str]]:
    """Head and rows as text: scores with intervals, differences from the mode's first row."""
    costs = [head for head, _, _ in COSTS.values()]
    heads = [f"{n} (low is good)" if n in LOWER_IS_BETTER else n for n in summary["metrics"]]
    rows = [["", *heads, *costs]]
    for row in summary["rows"]:
        scores = [_interval(row["scores"][n]) for n in summary["metrics"]]
        rows.append([f"{row['mode']} {row['label']}", *scores, *_costs(row["cost"])])
    for row in summary["rows"]:
        if row["difference"]:
            gaps = [_gap(row["difference"][n]) for n in summary["metrics"]]
            label = f"{row['mode']} {row['label']} - {row['reference']}"
            rows.append([label, *gaps, *("" for _ in COSTS)])
    return rows


def markdown(summary: dict) -> str:
    head, *rows = grid_of(summary)
    lines = [head, ["---"] * len(head), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{about(summary)}\n\n{table}\n"


def latex(summary: dict) -> str:
    """A tabular of booktabs."""
    head, *rows = ([_tex(cell) for cell in line] for line in grid_of(summary))
    scores = sum(1 for row in summary["rows"])
    body = [" & ".join(line) + r" \\" for line in rows]
    body.insert(scores, r"\midrule")
    return "\n".join(
        [
            f"% {about(summary)}",
            rf"\begin{{tabular}}{{l{'r' * (len(head) - 1)}}}",
            r"\toprule",
            " & ".join(head) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )


def about(summary: dict) -> str:
    """What the numbers are, in one line."""
    return (
        f"{summary['dataset']} {summary['split']}, {summary['images']} images, "
        f"{summary['seeds']} seeds, convention {summary['convention']}, original resolution; "
        "95 % intervals over images and seeds; differences are paired, p by permutation of images"
    )


def screen(summary: dict) -> str:
    rows = grid_of(summary)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([about(summary), *(line.rstrip() for line in lines)])


def _costs(cost: dict) -> list[str]:
    return [format(cost[key] * scale, form) for key, (_, scale, form) in COSTS.items()]


def _interval(estimate: dict, sign: str = "") -> str:
    if not estimate["images"]:
        return "-"
    form = f"{sign}.3f"
    mean, low, high = (format(estimate[k], form) for k in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"


def _gap(estimate: dict) -> str:
    p = estimate["p"]
    return _interval(estimate, "+") + ("" if math.isnan(p) else f" p {p:.4f}")


def _number(value) -> str:
    return "" if isinstance(value, float) and math.isnan(value) else f"{value:.9g}"


def _tex(cell: str) -> str:
    for character in "&%_#":
        cell = cell.replace(character, f"\\{character}")
    return cell.replace("10^9", "$10^9$").replace("10^6", "$10^6$")


def _finite(value):
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
