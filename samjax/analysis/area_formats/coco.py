"""Areas from COCO's annotations: boxes, polygons and run lengths, each named by its category.

Lin et al., "Microsoft COCO: Common Objects in Context" (2014), and the code of its mask API for the
run lengths: the lengths of runs of 0 and 1 in turn, column by column.
"""

from typing import Any

import numpy as np

from samjax.analysis.area import Area, Mask, Polygon, box, polygon
from samjax.errors import UserError
from samjax.files.limits import check_array


def parse(value: dict[str, Any]) -> tuple[list[Area], list[str]]:
    """Return the areas of an annotation file, and sentences about what was left out.

    Raises:
        UserError: An annotation belongs to no image, or holds no shape.
    """
    images = {image["id"]: image for image in value["images"]}
    names = {row["id"]: str(row["name"]) for row in value.get("categories", ())}
    areas = []
    for row in value["annotations"]:
        number = row.get("id", "?")
        image = images.get(row.get("image_id"))
        if image is None:
            raise UserError(f"annotation {number} belongs to image {row.get('image_id')}, of none")
        category = row.get("category_id")
        name = names.get(category, f"category {category}")
        frame = None
        if image.get("height") and image.get("width"):
            frame = float(image["height"]), float(image["width"])
        try:
            areas.append(Area(name, _shape(row), str(image["file_name"]), frame))
        except UserError as error:
            raise UserError(f"annotation {number}: {error}") from error
    return areas, []


def _shape(row: dict[str, Any]) -> Polygon | Mask:
    """Return the segmentation of an annotation, or its box if it has none."""
    segmentation = row.get("segmentation")
    if isinstance(segmentation, dict):
        return Mask(decode_runs(segmentation["counts"], *segmentation["size"]))
    if segmentation:
        rings = [np.reshape(ring, (-1, 2)).astype(np.float64) for ring in segmentation]
        return polygon([_clockwise(ring).tolist() for ring in rings])
    if "bbox" in row:
        return box(*row["bbox"])
    raise UserError("has neither a segmentation nor a box")


def _clockwise(ring: np.ndarray) -> np.ndarray:
    """Return a ring [N, 2] in one sense of turning; several rings of an object are a union."""
    x, y = ring.T
    doubled = (x * np.roll(y, -1) - np.roll(x, -1) * y).sum()
    return ring if doubled >= 0 else ring[::-1]


def decode_runs(counts: list[int] | str, height: int, width: int) -> np.ndarray:
    """Return a mask of run lengths, float32 [height, width].

    Args:
        counts: Lengths of runs of 0 and 1 in turn, down the columns, or COCO's text of them.
        height: Of the mask.
        width: Of the mask.

    Raises:
        UserError: The runs do not fill the mask.
    """
    runs = _runs_of_text(counts) if isinstance(counts, str) else [int(count) for count in counts]
    check_array((height, width), np.dtype(np.float32))  # before so much memory is taken
    if sum(runs) != height * width or min(runs, default=0) < 0:
        raise UserError(f"runs of {sum(runs)} pixels do not fill a mask of {height} x {width}")
    values = np.repeat(np.arange(len(runs)) % 2, runs).astype(np.float32)
    return values.reshape(width, height).T


def _runs_of_text(text: str) -> list[int]:
    """Return the run lengths of COCO's text: 5 bits a character, later runs as differences."""
    runs: list[int] = []
    value, shift = 0, 0
    for character in text:
        bits = ord(character) - 48
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:  # more characters of this number follow
            continue
        if bits & 16:  # the highest bit is the sign
            value -= 1 << shift
        runs.append(value + runs[-2] if len(runs) > 2 else value)
        value, shift = 0, 0
    return runs
