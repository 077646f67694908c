"""`POST /areas`: how much attention areas of a picture get."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from samjax.analysis.area import Area, Polygon, grid
from samjax.analysis.area_formats.read import parse_areas
from samjax.analysis.area_measuring import measure_pixels
from samjax.analysis.area_report import area_csv, area_json, picture_record
from samjax.analysis.matching import areas_of
from samjax.errors import UserError
from samjax.files.limits import alone_if_large
from samjax.ui.answers import TYPES, Answer, json_answer, read_upload, stem
from samjax.ui.fields import FILE, FLAG, INTEGER, TEXT, Field, file_of
from samjax.ui.form import Upload
from samjax.ui.limits import Limits, Refusal
from samjax.ui.shared_model import SharedModel

AREAS = Field(
    "areas",
    TEXT,
    'Areas as text or as a file: our JSON, {"areas": [{"area": "logo", "box": [x, y, width, '
    'height]}, {"area": "hero", "polygon": [[x, y], ...]}]}, or CSV, COCO, Labelme or SVG, in '
    "pixels of the upright picture.",
    or_file=True,
)
GRID = Field("grid", TEXT, "The cells of a grid, ROWSxCOLUMNS, such as 3x3.")
FORMAT = Field("format", TEXT, "What the answer is.", default="json", choices=("json", "csv"))

FIELDS = (
    Field("file", FILE, "The picture.", required=True),
    AREAS,
    GRID,
    Field("auto", INTEGER, "Find so many of the strongest regions.", low=1, high=50),
    Field(
        "fixations",
        INTEGER,
        "How many first fixations the probability is about, drawn independently; as many as people "
        "make by the model's viewing times, or 10, if it is left out.",
        low=1,
        high=10000,
    ),
    Field("timesteps", FLAG, "Whether to measure after each timestep, too."),
    FORMAT,
)


class Chosen(NamedTuple):
    """The areas that a request names.

    Attributes:
        areas: As they were written.
        notes: Sentences about what was left out or renamed.
    """

    areas: list[Area]
    notes: list[str]


def measure(values: dict[str, Any], model: SharedModel, limits: Limits) -> Answer:
    """Answer a request; see `samjax.ui.prediction.predict`."""
    if sum(values[name] is not None for name in ("areas", "grid", "auto")) != 1:
        raise UserError("give one of areas, grid and auto")
    chosen = choose(values, limits)
    upload = file_of(values)
    pixels = read_upload(upload, limits)
    own = areas_of(chosen.areas, Path(upload.name))
    if not own and not values["auto"]:
        raise UserError(f"the areas have none for {upload.name}; leave out their image's name")
    check_areas(own, pixels.shape[:2], limits)
    with alone_if_large(pixels.shape[0] * pixels.shape[1]):
        measured = measure_pixels(
            model,
            Path(upload.name),
            pixels,
            own,
            strongest=values["auto"] or 0,
            fixations=values["fixations"],
            all_timesteps=bool(values["timesteps"]),
        )
    record = picture_record(measured)
    record["notes"] = [*chosen.notes, *record["notes"]]
    if values["format"] == "csv":
        name = f"{stem(upload.name)}_areas.csv"
        return Answer(area_csv([record]).encode(), TYPES["csv"], name)
    return json_answer(area_json([record], model.origin, []))


def choose(values: dict[str, Any], limits: Limits) -> Chosen:
    """Return the areas that a request names by `areas` or `grid`.

    Raises:
        UserError: They cannot be read.
    """
    if values["grid"] is not None:
        rows, times, columns = values["grid"].lower().replace(" ", "").partition("x")
        if not (times and rows.isdecimal() and columns.isdecimal() and len(rows + columns) < 8):
            raise UserError(f"grid={values['grid']!r} is no grid; give ROWSxCOLUMNS, such as 3x3")
        _check_count(int(rows) * int(columns), limits)
        return Chosen(grid(int(rows), int(columns)), [])
    given = values["areas"]
    if given is None:
        return Chosen([], [])
    upload = given if isinstance(given, Upload) else Upload("", given.encode())
    if len(upload.data) > limits.text_bytes:
        raise Refusal(413, f"the areas are too large; at most {limits.text_bytes} bytes are read")
    return Chosen(*parse_areas(upload.data, upload.name))


def check_areas(areas: Sequence[Area], size: tuple[int, ...], limits: Limits) -> None:
    """Refuse areas that would take too much memory or time for a picture of (height, width).

    Raises:
        UserError: They are too many, or have too many corners or pixels.
    """
    height, width = size
    _check_count(len(areas), limits)
    corners, pixels = 0, 0.0
    for area in areas:
        shape = area.on(height, width).shape
        if isinstance(shape, Polygon):
            ends = np.clip(np.concatenate(shape.rings), 0, (width, height))
            corners += len(ends)
            pixels += float(np.prod(ends.max(axis=0) - ends.min(axis=0)))
        else:
            pixels += height * width
    if corners * (height + width) > limits.corners:
        most = limits.corners // (height + width)
        raise UserError(
            f"the areas have {corners} corners; at most {most} of this picture are read"
        )
    if pixels > limits.area_pixels:
        raise UserError("the areas are too many for so large a picture; send fewer at a time")


def _check_count(count: int, limits: Limits) -> None:
    """Refuse too many areas."""
    if count > limits.areas:
        raise UserError(
            f"{count} areas are too many; at most {limits.areas} are measured at a time"
        )
