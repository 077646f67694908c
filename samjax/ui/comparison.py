"""`POST /compare`: how attention moved between two versions of a picture."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from samjax.analysis.area import grid
from samjax.analysis.comparison_report import (
    comparison_csv,
    comparison_json,
    comparison_record,
    interval_origin,
)
from samjax.analysis.resample import resample
from samjax.analysis.variants import draw_variants
from samjax.analysis.versions import Versions, areas_of_versions, compare_pictures
from samjax.errors import UserError
from samjax.files.limits import alone_if_large
from samjax.pictures.differences import difference_picture
from samjax.prediction.photo_search import Photo
from samjax.ui.answers import (
    SIDE,
    TYPES,
    Answer,
    encode_array,
    encode_picture,
    fitted,
    json_answer,
    packed_picture,
    read_upload,
    stem,
)
from samjax.ui.areas import AREAS, GRID, check_areas, choose
from samjax.ui.fields import FILE, FLAG, INTEGER, TEXT, Field, file_of
from samjax.ui.limits import Limits
from samjax.ui.shared_model import SharedModel

AUGMENTATIONS = 15
"""As of `samjax compare`."""

FIELDS = (
    Field("before", FILE, "The first version.", required=True),
    Field("after", FILE, "The second version.", required=True),
    AREAS,
    GRID._replace(about="The cells of a grid, ROWSxCOLUMNS; 3x3 without areas."),
    Field(
        "augmentations",
        INTEGER,
        "Other ways of showing both pictures, of which the interval is made; 0: no interval.",
        default=AUGMENTATIONS,
        low=0,
        high=31,
    ),
    Field("seed", INTEGER, "Of the augmentations.", default=0, low=0, high=2**32 - 1),
    Field("difference", FLAG, "Whether the JSON has the picture of the difference, too."),
    Field(
        "format",
        TEXT,
        "What the answer is: JSON, CSV, the signed map as .npy, or its picture as PNG.",
        default="json",
        choices=("json", "csv", "npy", "png"),
    ),
    SIDE,
)


def compare(values: dict[str, Any], model: SharedModel, limits: Limits) -> Answer:
    """Answer a request; see `samjax.ui.prediction.predict`."""
    if values["areas"] is not None and values["grid"] is not None:
        raise UserError("give areas or grid, not both")
    chosen = choose(values, limits)
    uploads = file_of(values, "before"), file_of(values, "after")
    before, after = (read_upload(upload, limits) for upload in uploads)
    versions = Versions(*(Photo(Path(upload.name), Path()) for upload in uploads))
    areas = areas_of_versions(
        chosen.areas or grid(3, 3), versions, (before.shape[0], before.shape[1])
    )
    if not areas.before:
        raise UserError("the areas have none that both pictures share; leave out the image's name")
    check_areas(areas.before, before.shape[:2], limits)
    check_areas(areas.after, after.shape[:2], limits)
    variants = draw_variants(values["augmentations"], values["seed"])
    with alone_if_large(max(before.size, after.size) // 3):
        found = compare_pictures([model], before, after, areas, variants)
    name = f"{stem(uploads[1].name)}_difference"
    if values["format"] == "npy":
        return Answer(encode_array(found.difference), TYPES["npy"], f"{name}.npy")
    if values["format"] == "png":
        drawn = encode_picture(difference_picture(before, found.difference), ".png")
        return Answer(drawn, TYPES[".png"], f"{name}.png")
    origin = interval_origin([model.origin], len(variants), values["seed"])
    record = comparison_record(versions, found, origin)
    if values["format"] == "csv":
        return Answer(comparison_csv([record]).encode(), TYPES["csv"], f"{name}.csv")
    answer = comparison_json([record], [model.origin], [], [])
    answer["notes"] = [*chosen.notes, *areas.notes]
    if values["difference"]:
        answer["difference"] = packed_picture(
            _small(before, found.difference, values["side"]), None
        )
    return json_answer(answer)


def _small(image: np.ndarray, difference: np.ndarray, side: int | None) -> np.ndarray:
    """Return the picture of a difference, drawn at a reduced size, so that its legend is read."""
    height, width = fitted(difference.shape, side)
    if (height, width) != difference.shape:
        difference = resample(difference, height, width)
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return difference_picture(image, difference)
