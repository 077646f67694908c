"""What `samjax crop` tells: a table, JSON, and lines about what could not be kept."""

from collections.abc import Iterator
from typing import Any


def lacking(image: dict[str, Any], keep: float | None) -> Iterator[str]:
    """Yield a line for each crop that keeps less than was asked for."""
    for row in image["crops"]:
        if not row["enough"]:
            yield f"the largest {row['name']} keeps {row['inside']:.0%}, less than --keep={keep:g}"


def table(images: list[dict[str, Any]]) -> str:
    """Return a line for each crop of each picture."""
    from samjax.console.table import format_table

    rows = [["image", "crop", "x", "y", "width", "height", "kept", "focal point"]]
    for image in images:
        focus = "{x:.3f}, {y:.3f}".format(**image["focal_point"])
        for crop in image["crops"]:
            box = [str(number) for number in crop["box"].values()]
            rows.append([image["image"], crop["name"], *box, f"{crop['share']:.1%}", focus])
    return format_table(rows)


def json_text(document: dict[str, Any]) -> str:
    """Return all that is known of the pictures as JSON."""
    import json

    from samjax.files.json_file import finite

    return json.dumps(finite(document), indent=1, allow_nan=False)
