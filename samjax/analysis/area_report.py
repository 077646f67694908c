"""Measured areas as a table on the screen, as one tidy CSV, and as JSON."""

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from samjax.analysis.area_measuring import MeasuredPicture
from samjax.analysis.attention import AreaAttention
from samjax.analysis.coverage import Coverage
from samjax.console.table import format_table

CELLS = "pixels on the border of an area count by the fraction that it covers"
DRAWS = "1 - (1 - share)^fixations: fixations taken as independent draws from the density"

NUMBERS = (
    *("share", "area_share", "times_chance", "peak", "peak_x", "peak_y", "rank"),
    *("fixations", "probability"),
)
COLUMNS = ("image", "area", "timestep", "viewing_time_ms", "x", "y", "width", "height", *NUMBERS)
"""Of the CSV: a row for each area of each picture, and for each timestep if they were asked for.

`viewing_time_ms` is empty where the model was not trained with viewing times.
"""


def area_table(measured: MeasuredPicture) -> str:
    """Return the areas of a picture as a table for people, in the order of their numbers."""
    course = measured.looks if len(measured.looks) > 1 else []
    fixations = measured.looks[-1].fixations
    heads = ["#", "area", "share", "of picture", "times chance", "peak", "rank"]
    rows = [[*heads, f"seen in {fixations}", *(look.name for look in course)]]
    for number, found in enumerate(measured.final, 1):
        shares = [look.attention[number - 1].share for look in course]
        rows.append(
            [
                *(str(number), found.name, percent(found.share), percent(found.area_share)),
                *(_times(found.times_chance), _times(found.peak), str(found.rank)),
                *(percent(found.probability), *map(percent, shares)),
            ]
        )
    height, width = measured.size
    return f"{measured.path} ({width} x {height})\n{format_table(rows)}"


def percent(share: float) -> str:
    """Return a share in per cent, as people read it."""
    return f"{100 * share:.1f} %"


def _times(factor: float) -> str:
    """Return a factor, or a dash where there is none."""
    return "-" if math.isnan(factor) else f"{factor:.2f}"


def area_rows(measured: MeasuredPicture) -> list[dict[str, Any]]:
    """Return a dictionary by `COLUMNS`, without the picture, for each area and timestep.

    x, y, width and height are the rectangle of pixels that the area touches.
    """
    rows = []
    for look in measured.looks:
        about = {"timestep": look.timestep, "viewing_time_ms": look.viewing_time_ms}
        for (_, coverage), attention in zip(measured.areas, look.attention, strict=True):
            area = {"area": attention.name} | about | _rectangle(coverage)
            rows.append(area | _numbers(attention, look.fixations))
    return rows


def _rectangle(coverage: Coverage) -> dict[str, int]:
    """Return the rectangle of pixels that an area touches."""
    height, width = coverage.weights.shape
    return {"x": coverage.left, "y": coverage.top, "width": width, "height": height}


def _numbers(attention: AreaAttention, fixations: int) -> dict[str, Any]:
    """Return what was measured of an area by `NUMBERS`."""
    values = attention._asdict() | {"fixations": fixations}
    return {name: values[name] for name in NUMBERS}


def picture_record(measured: MeasuredPicture) -> dict[str, Any]:
    """Return all that was measured of a picture, of which the files are made."""
    height, width = measured.size
    about = {"image": str(measured.path), "width": width, "height": height}
    return about | {"areas": area_rows(measured), "notes": measured.notes}


def area_csv(records: Sequence[dict[str, Any]]) -> str:
    """Return the records of pictures as the text of one CSV file; what there is not is empty."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for record in records:
        for row in record["areas"]:
            cells = {key: "" if _is_nan(value) else value for key, value in row.items()}
            writer.writerow({"image": record["image"]} | cells)
    return text.getvalue()


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def area_json(
    records: Sequence[dict[str, Any]], model: str, failed: Sequence[tuple[Path, str]]
) -> dict[str, Any]:
    """Return everything that was measured, for a JSON file.

    Args:
        records: Of the pictures, by `picture_record`.
        model: Where the model comes from.
        failed: The pictures that could not be measured, and why.
    """
    return {
        "version": 1,
        "model": model,
        "pixels": CELLS,
        "probability": DRAWS,
        "images": list(records),
        "failed": [{"image": str(path), "reason": reason} for path, reason in failed],
    }
