"""`POST /crop`: the windows of a picture that keep the most attention, and its focal point."""

from typing import Any

from samjax.analysis.crop import MARGIN, MAX_MARGIN, check_options, crop
from samjax.analysis.crop_report import crop_json, crop_record
from samjax.analysis.cutting import cut
from samjax.analysis.shapes import Shape, read_shapes
from samjax.analysis.windows import Attention
from samjax.errors import UserError
from samjax.files.limits import alone_if_large
from samjax.ui.answers import TYPES, Answer, json_answer, read_upload, stem
from samjax.ui.fields import FILE, FLAG, NUMBER, TEXT, Field, file_of
from samjax.ui.limits import Limits
from samjax.ui.shared_model import SharedModel

SHAPES = 20
"""Of one request."""
LARGEST = 2**25
"""Pixels of a cut picture."""

FIELDS = (
    Field("file", FILE, "The picture.", required=True),
    Field("ratio", TEXT, "Width by height, with commas between several: 1:1,16:9.", default=""),
    Field("size", TEXT, "Sizes of cut pictures in pixels, with commas: 800x450.", default=""),
    Field(
        "margin",
        NUMBER,
        "Of the window, on each side, in which attention does not count.",
        default=MARGIN,
        low=0,
        high=MAX_MARGIN,
    ),
    Field("keep", NUMBER, "Take the smallest window that keeps this share of the attention."),
    Field("enlarge", FLAG, "Whether sizes may be larger than the picture."),
    Field(
        "format",
        TEXT,
        "What the answer is: JSON, or the cut picture of the only shape, in its own format.",
        default="json",
        choices=("json", "picture"),
    ),
)


def find(values: dict[str, Any], model: SharedModel, limits: Limits) -> Answer:
    """Answer a request; see `samjax.ui.prediction.predict`."""
    shapes = _shapes(values)
    keep, margin = values["keep"], values["margin"]
    check_options(margin, keep)
    upload = file_of(values)
    pixels = read_upload(upload, limits)
    with alone_if_large(pixels.shape[0] * pixels.shape[1]):
        attention = Attention(model(pixels).density)
        crops = [
            crop(attention, shape, margin=margin, keep=keep, enlarge=bool(values["enlarge"]))
            for shape in shapes
        ]
        if values["format"] == "picture":
            ending, files = cut(upload.data, {"": crops[0]}, limits.pixels)
            name = f"{stem(upload.name)}_{crops[0].shape.name}{ending}"
            return Answer(files[""], TYPES[ending], name)
        record = crop_record(upload.name, attention, crops, {})
    return json_answer(crop_json([record], model.origin, margin, keep, []))


def _shapes(values: dict[str, Any]) -> list[Shape]:
    """Return the shapes that a request names.

    Raises:
        UserError: They are none, too many, or too large.
    """
    given = values["ratio"], values["size"]
    if not any(text.replace(",", " ").strip() for text in given):
        raise UserError("give ratio, such as 16:9, or size, such as 800x450")
    if sum(len(text) for text in given) > 40 * SHAPES:
        raise UserError(f"the shapes are too many; at most {SHAPES} are searched at a time")
    shapes = read_shapes(*given)
    if len(shapes) > SHAPES:
        raise UserError(f"{len(shapes)} shapes are too many; at most {SHAPES} are searched")
    for shape in shapes:
        if shape.size and shape.size[0] * shape.size[1] > LARGEST:
            raise UserError(f"{shape.name} is too large; cut pictures have up to {LARGEST} pixels")
    if values["format"] == "picture" and len(shapes) > 1:
        raise UserError(f"a picture is of one shape, not of {len(shapes)}; ask for one at a time")
    return shapes
