"""Comparisons as a table on the screen, as one tidy CSV, and as JSON."""

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from samjax.analysis.area_report import percent
from samjax.analysis.comparison import Comparison
from samjax.analysis.versions import Versions
from samjax.console.table import format_table

NUMBERS = ("before", "after", "difference", "low", "high")
COLUMNS = ("image_before", "image_after", "area", *NUMBERS, "moved", "pairs", "interval")


def interval_origin(models: Sequence[str], variants: int, seed: int) -> str:
    """Return in words where the intervals come from.

    Args:
        models: What the models are called.
        variants: In how many ways each picture is shown, the plain one among them.
        seed: Of the variants.
    """
    if len(models) > 1:
        return f"spread over {len(models)} models ({', '.join(models)})"
    if variants < 2:
        return "none, because there is one model and one way of showing the pictures"
    return (
        f"spread over {variants} ways of showing both pictures (as they are, and {variants - 1} "
        f"times mirrored or not, smaller, shifted, brighter or darker; seed {seed})"
    )


def comparison_table(versions: Versions, comparison: Comparison, origin: str) -> str:
    """Return a comparison as a table for people; origin: of the intervals, in words."""
    rows = [["area", "before", "after", "after - before", "95 % interval"]]
    for name, before, after, difference, low, high in comparison.areas:
        interval = "-" if math.isnan(low) else f"[{_points(low)}, {_points(high)}]"
        rows.append([name, percent(before), percent(after), _points(difference), interval])
    lines = [
        f"{versions.before.path} -> {versions.after.path}: "
        f"{percent(comparison.moved)} of the attention moved"
    ]
    if comparison.areas:
        lines += [format_table(rows), f"interval: {origin}"]
    return "\n".join(lines)


def _points(difference: float) -> str:
    """Return a difference of shares with its sign, in percentage points."""
    return f"{100 * difference:+.1f}"


def comparison_record(versions: Versions, comparison: Comparison, origin: str) -> dict[str, Any]:
    """Return all that was found of a pair, of which the files are made."""
    return {
        "image_before": str(versions.before.path),
        "image_after": str(versions.after.path),
        "moved": comparison.moved,
        "pairs": comparison.pairs,
        "interval": origin,
        "areas": [
            {"area": found.name} | {name: getattr(found, name) for name in NUMBERS}
            for found in comparison.areas
        ],
    }


def comparison_json(
    records: Sequence[dict[str, Any]],
    models: Sequence[str],
    conditions_met: Sequence[str],
    failed: Sequence[tuple[Path, str]],
) -> dict[str, Any]:
    """Return everything that was found, for a JSON file.

    Args:
        records: Of the pairs, by `comparison_record`.
        models: Where the models come from.
        conditions_met: Sentences.
        failed: The pictures that could not be compared, and why.
    """
    return {
        "version": 1,
        "models": list(models),
        "pairs": list(records),
        "conditions_met": list(conditions_met),
        "failed": [{"image": str(path), "reason": reason} for path, reason in failed],
    }


def comparison_csv(records: Sequence[dict[str, Any]]) -> str:
    """Return records as the text of one CSV file, a row for each area; what is not is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for record in records:
        about = {name: value for name, value in record.items() if name != "areas"}
        for area in record["areas"]:
            cells = {
                k: "" if isinstance(v, float) and math.isnan(v) else v for k, v in area.items()
            }
            writer.writerow(about | cells)
    return text.getvalue()
