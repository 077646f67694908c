"""Crops as JSON: of each picture the boxes and the focal point."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from samjax.analysis.crop import Crop, focal_point
from samjax.analysis.windows import Attention


def crop_record(
    image: str, attention: Attention, crops: Sequence[Crop], files: Mapping[str, Path]
) -> dict[str, Any]:
    """Return all that was found of a picture.

    Args:
        image: What it is called.
        attention: Of the picture.
        crops: Its windows.
        files: {"_" + name of the shape: the cut picture}; empty if nothing was cut.
    """
    x, y = focal_point(attention)
    rows = []
    for found in crops:
        width, height = found.shape.size or found.window[2:]
        row: dict[str, Any] = {"name": found.shape.name, "box": found.window._asdict()}
        row |= {"size": {"width": width, "height": height}, "share": found.share}
        row |= {"inside": found.inside, "enough": found.enough}
        if files:
            row["file"] = str(files[f"_{found.shape.name}"])
        rows.append(row)
    size = {"width": attention.width, "height": attention.height}
    return {"image": image, **size, "focal_point": {"x": x, "y": y}, "crops": rows}


def crop_json(
    records: Sequence[dict[str, Any]],
    model: str,
    margin: float,
    keep: float | None,
    failed: Sequence[tuple[Path, str]],
) -> dict[str, Any]:
    """Return everything that was found, for a JSON file.

    Args:
        records: Of the pictures, by `crop_record`.
        model: Where the model comes from.
        margin: See `samjax.analysis.crop.crop`.
        keep: Likewise.
        failed: The pictures without crops, and why.
    """
    return {
        "model": model,
        "margin": margin,
        "keep": keep,
        "images": list(records),
        "failed": [{"image": str(path), "reason": reason} for path, reason in failed],
    }
