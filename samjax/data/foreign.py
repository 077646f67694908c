"""Datasets that others wrote with TFDS, read as ours where it is plain which field is which."""

import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds

from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.image_headers import stored_size
from samjax.errors import UserError

NAMES = {
    "image_id": ("image_id", "image/filename", "filename", "file_name", "image_name", "id"),
    "image": ("image",),
    "fixations": ("fixations",),
    "density": ("density", "saliency_map", "fixation_map"),
    "height": ("height",),
    "width": ("width",),
    "subject": ("subject",),
    "duration_ms": ("duration_ms",),
    "order": ("order",),
}
"""What others call our features, our own name first."""

REPORT = "report.json"

ENDING = re.compile(r"\.(jpe?g|png|bmp|tiff?|webp)$", re.IGNORECASE)
"""The ending of an image file's name."""


def match_names(available: Iterable[str]) -> dict[str, str]:
    """Return {our name: their name} of the features that are available."""
    available = set(available)  # it may be an iterator, and is asked many times
    matches = {}
    for ours, candidates in NAMES.items():
        for theirs in candidates:
            if theirs in available:
                matches[ours] = theirs
                break
    return matches


def facts_of(info: tfds.core.DatasetInfo) -> Facts:
    """Return what is known of a dataset; sigma is assumed where the metadata do not tell it.

    Raises:
        UserError: In one line, which of the features that we need are missing.
    """
    names = match_names(info.features or ())
    missing = [name for name in ("image", "image_id") if name not in names]
    if "fixations" not in names and "density" not in names:
        missing.append("fixations or density")
    if missing:
        raise UserError(
            f"{info.data_dir} lacks {' and '.join(missing)} among its fields "
            f"({', '.join(sorted(info.features or ()))}); prepare it from its raw files instead"
        )
    if info.metadata and "sigma" in info.metadata:
        return Facts.from_metadata(info.metadata)
    # Only samjax writes a report; its datasets have metadata, and an assumed sigma would be wrong.
    if (Path(info.data_dir) / REPORT).is_file():
        raise ValueError("metadata.json, which holds one degree in pixels, is not there or empty")
    return Facts(
        sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION),
        edition=f"as in {info.full_name}, not written by samjax; one degree is assumed",
        description=info.description,
        citation=info.citation,
        licence=info.redistribution_info.license,
    )


def decoders(features: tfds.features.FeaturesDict) -> dict[str, Any]:
    """Return the decoders for TFDS that leave images encoded."""
    images = [
        name for name, feature in features.items() if isinstance(feature, tfds.features.Image)
    ]
    return {name: tfds.decode.SkipDecoding() for name in images}


def complete(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record under our names, with what is missing filled in as unknown.

    Args:
        record: Features as stored, images encoded; an image and an image's name must be among them.
    """
    names = match_names(record)
    fields = {ours: record[theirs] for ours, theirs in names.items()}
    fields["image_id"] = _text(fields["image_id"])
    if names["image_id"] != "image_id":  # theirs may be the name of a file, with an ending
        fields["image_id"] = ENDING.sub("", fields["image_id"])
    # Our own records are complete, and read often.
    if len(fields) == len(NAMES):
        return fields
    if not {"height", "width"} <= fields.keys():
        fields["height"], fields["width"] = stored_size(fields["image"])
    points = np.asarray(fields.get("fixations", ()), np.float32).reshape(-1, 2)
    unknown = {
        "subject": np.full(len(points), -1, np.int32),
        "duration_ms": np.full(len(points), math.nan, np.float32),
        "order": np.full(len(points), -1, np.int32),
        "density": b"",
    }
    return unknown | fields | {"fixations": points}


def _text(name: bytes | str | int) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
