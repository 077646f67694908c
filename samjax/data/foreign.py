"""Datasets that others wrote with TFDS, read as ours where it is plain which field is which."""

import math
import re
from collections.abc import Iterable

import numpy as np
import tensorflow_datasets as tfds

from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.images import stored_size
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
"""What others call our fields, our own name first."""

ENDING = re.compile(r"\.(jpe?g|png|bmp|tiff?|webp)$", re.IGNORECASE)


def named(theirs: Iterable[str]) -> dict[str, str]:
    """{our name: their name} of the fields that are there."""
    theirs = set(theirs)
    found = {name: [n for n in names if n in theirs] for name, names in NAMES.items()}
    return {name: names[0] for name, names in found.items() if names}


def facts_of(info: tfds.core.DatasetInfo) -> Facts:
    """What is known of a dataset; sigma is assumed where the metadata do not tell it.

    Raises UserError in one line that names the fields which are missing.
    """
    fields = named(info.features or ())
    missing = [name for name in ("image", "image_id") if name not in fields]
    if not fields.keys() & {"fixations", "density"}:
        missing.append("fixations or density")
    if missing:
        raise UserError(
            f"{info.data_dir} lacks {' and '.join(missing)} among its fields "
            f"({', '.join(sorted(info.features or ()))}); prepare it from its raw files instead"
        )
    if info.metadata and "sigma" in info.metadata:
        return Facts.from_metadata(info.metadata)
    return Facts(
        sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION),
        edition=f"as in {info.full_name}, not written by samjax; one degree is assumed",
        description=info.description,
        citation=info.citation,
        licence=info.redistribution_info.license,
    )


def decoders(features: tfds.features.FeaturesDict) -> dict:
    """Image fields stay encoded."""
    images = [n for n, feature in features.items() if isinstance(feature, tfds.features.Image)]
    return {name: tfds.decode.SkipDecoding() for name in images}


def complete(record: dict) -> dict:
    """A record under our names, what is missing filled in as unknown."""
    names = named(record)
    fields = {name: record[theirs] for name, theirs in names.items()}
    fields["image_id"] = _text(fields["image_id"])
    if names["image_id"] != "image_id":  # a file's name
        fields["image_id"] = ENDING.sub("", fields["image_id"])
    if len(fields) == len(NAMES):
        return fields
    if not {"height", "width"} <= fields.keys():
        fields["height"], fields["width"] = stored_size(fields["image"])
    points = np.asarray(fields.get("fixations", ()), np.float32).reshape(-1, 2)
    unknown = {
        "fixations": points,
        "subject": np.full(len(points), -1, np.int32),
        "duration_ms": np.full(len(points), math.nan, np.float32),
        "order": np.full(len(points), -1, np.int32),
        "density": b"",
    }
    return unknown | fields | {"fixations": points}


def _text(name: bytes | str | int) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
