"""`POST /predict`: the map of a picture."""

from typing import Any

from samjax.files.limits import alone_if_large
from samjax.prediction.outputs import encode_map
from samjax.ui.answers import (
    SIDE,
    TYPES,
    Answer,
    encode_array,
    json_answer,
    packed_map,
    packed_picture,
    read_upload,
    stem,
)
from samjax.ui.fields import FILE, FLAG, TEXT, Field, file_of
from samjax.ui.limits import Limits
from samjax.ui.shared_model import SharedModel

FORMATS = ("json", "npy", "png16", "png8", "heatmap", "overlay")
ENDINGS = {"heatmap": "_heatmap.png", "overlay": "_overlay.jpg"}

FIELDS = (
    Field("file", FILE, "The picture.", required=True),
    Field(
        "format",
        TEXT,
        "What the answer is: JSON, or a file as samjax predict writes it: float32 as .npy (sum 1), "
        "grey as png16 or png8 (the maximum at the top of the range), a heat map as PNG, or heat "
        "over the picture as JPEG.",
        default="json",
        choices=FORMATS,
    ),
    Field("timesteps", FLAG, "Whether the JSON has the map after each timestep, too."),
    Field(
        "encoding",
        TEXT,
        "Of the maps within the JSON: grey PNG of 16 or 8 bit, as base64.",
        default="png16",
        choices=("png16", "png8"),
    ),
    Field("picture", FLAG, "Whether the JSON has the picture, upright and in RGB, too."),
    SIDE,
)


def predict(values: dict[str, Any], model: SharedModel, limits: Limits) -> Answer:
    """Answer a request.

    Args:
        values: By `FIELDS`.
        model: The network.
        limits: Of the request.
    """
    upload = file_of(values)
    pixels = read_upload(upload, limits)
    height, width = pixels.shape[:2]
    with alone_if_large(height * width):
        saliency = model(pixels)
        kind = values["format"]
        if kind == "npy":
            name = f"{stem(upload.name)}.npy"
            return Answer(encode_array(saliency.density), TYPES["npy"], name)
        if kind != "json":
            ending = ENDINGS.get(kind, ".png")
            data = encode_map(kind, saliency.density, pixels)
            return Answer(data, TYPES[ending[-4:]], stem(upload.name) + ending)
        pack = values["encoding"], values["side"]
        record = {"version": 1, "model": model.origin, "image": upload.name}
        record |= {"width": width, "height": height}
        record |= {"density": packed_map(saliency.density, *pack)}
        if values["timesteps"] and model.timesteps:
            record["timesteps"] = [
                {
                    "timestep": timestep,
                    "viewing_time_ms": saliency.viewing_time_ms(timestep),
                    "density": packed_map(density, *pack),
                }
                for timestep, density in enumerate(saliency.timesteps, 1)
            ]
        if values["picture"]:
            record["picture"] = packed_picture(pixels, values["side"])
        return json_answer(record)
