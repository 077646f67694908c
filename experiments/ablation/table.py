"""The rows of an ablation as a table: for the screen, CSV, JSON, Markdown and LaTeX."""

import csv
import io
import math
from pathlib import Path

from experiments.ablation.estimates import Estimate
from experiments.ablation.summary import Summary
from samjax.console.table import format_table
from samjax.files.atomic import write_atomic
from samjax.files.json_file import write_json
from samjax.metrics import LOWER_IS_BETTER

COSTS = {
    "multiply_adds": ("10^9 multiply-adds", 1e-9, ".3g"),
    "parameters": ("10^6 parameters", 1e-6, ".3f"),
    "seconds": ("ms per image", 1e3, ".3g"),
    "memory_bytes": ("MiB", 2.0**-20, ".0f"),
}
"""The key of each cost, with its head, its factor and its format in the table."""


def write(summary: Summary, folder: Path) -> None:
    """Write table.json, .csv, .md and .tex, each at once or not at all."""
    write_json(folder / "table.json", summary)
    write_atomic(folder / "table.csv", as_csv(summary))
    write_atomic(folder / "table.md", markdown(summary))
    write_atomic(folder / "table.tex", latex(summary))


def as_csv(summary: Summary) -> str:
    """Return one line per row: each metric with its interval, its difference, and the costs."""
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
            cells += [_number_cell(row["scores"][name][part]) for part in parts]
            difference = row["difference"].get(name, {})
            cells += [_number_cell(difference.get(part, math.nan)) for part in (*parts, "p")]
        lines.writerow([*cells, *(_number_cell(row["cost"][key]) for key in COSTS)])
    return text.getvalue()


def table_cells(summary: Summary) -> list[list[str]]:
    """Return the table's cells as text, its head first.

    The rows with scores and intervals come first; below them stand the differences of all rows
    from the first row of their mode.
    """
    costs = [head for head, _, _ in COSTS.values()]
    metrics = summary["metrics"]
    heads = [f"{name} (low is good)" if name in LOWER_IS_BETTER else name for name in metrics]
    cells = [["", *heads, *costs]]
    for row in summary["rows"]:
        scores = [_estimate_cell(row["scores"][name]) for name in metrics]
        cells.append([f"{row['mode']} {row['label']}", *scores, *_cost_cells(row["cost"])])
    for row in summary["rows"]:
        if row["difference"]:
            differences = [_difference_cell(row["difference"][name]) for name in metrics]
            label = f"{row['mode']} {row['label']} - {row['reference']}"
            cells.append([label, *differences, *("" for _ in COSTS)])
    return cells


def markdown(summary: Summary) -> str:
    """Return the table in Markdown, below a line about it."""
    head, *rows = table_cells(summary)
    lines = [head, ["---"] * len(head), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{describe(summary)}\n\n{table}\n"


def latex(summary: Summary) -> str:
    """Return the table as a tabular in LaTeX, which needs the package booktabs."""
    head, *rows = ([_latex_cell(cell) for cell in line] for line in table_cells(summary))
    body = [" & ".join(line) + r" \\" for line in rows]
    body.insert(len(summary["rows"]), r"\midrule")  # between scores and differences
    return "\n".join(
        [
            f"% {describe(summary)}",
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


def screen(summary: Summary) -> str:
    """Return the table as aligned text, below a line about it."""
    return f"{describe(summary)}\n{format_table(table_cells(summary))}"


def describe(summary: Summary) -> str:
    """Return what the numbers are, in one line."""
    return (
        f"{summary['dataset']} {summary['split']}, {summary['images']} images, "
        f"{summary['seeds']} seeds, convention {summary['convention']}, original resolution; "
        "95 % intervals over images and seeds; differences are paired, p by permutation of images"
    )


def _cost_cells(cost: dict[str, float]) -> list[str]:
    return [format(cost[key] * scale, form) for key, (_, scale, form) in COSTS.items()]


def _estimate_cell(estimate: Estimate, sign: str = "") -> str:
    """Return "mean [low, high]"; sign: "+" to show the sign of positive numbers too."""
    if not estimate["images"]:
        return "-"
    mean, low, high = (f"{estimate[key]:{sign}.3f}" for key in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"


def _difference_cell(estimate: Estimate) -> str:
    """Return "+mean [low, high] p 0.0123"."""
    p = estimate["p"]
    return _estimate_cell(estimate, "+") + ("" if math.isnan(p) else f" p {p:.4f}")


def _number_cell(value: float) -> str:
    """Return a number as CSV has it: with nine digits, and nothing for nan."""
    return "" if isinstance(value, float) and math.isnan(value) else f"{value:.9g}"


def _latex_cell(cell: str) -> str:
    """Return a cell with the characters escaped that mean something to LaTeX."""
    for character in "&%_#":
        cell = cell.replace(character, f"\\{character}")
    return cell.replace("10^9", "$10^9$").replace("10^6", "$10^6$")
