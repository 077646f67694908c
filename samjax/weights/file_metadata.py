"""The metadata of our own weight files: what a network is, where it comes from, its card.

They are texts:

    format         "samjax"
    kind           "sam" or "backbone", see `Pretrained`
    face           the preset, "paper" or "samjax"
    normalization  of the input
    origin         the file or the run that the weights come from
    sha256         the checksum of that file
    framing        the resize mode
    input_size     JSON, [height, width]
    buckets        JSON, a list of further input sizes; files of before there were any lack it
    model          JSON, the fields of SAM
    viewing_times_ms  JSON, one for each timestep; only of networks that were trained with times
    card           JSON, the facts of the model card, see `samjax.report.card_facts`; may be missing
"""

import dataclasses
import json
from pathlib import Path
from typing import Any

from samjax.data.resize_mode import RESIZE_MODES
from samjax.errors import UserError
from samjax.models import SAM
from samjax.models.fields import CHOICES, RANGES
from samjax.weights.pretrained import Pretrained

FORMAT = "samjax"
MAX_BUCKETS = 64
MAX_TIME_MS = 1e9


def write_metadata(weights: Pretrained) -> dict[str, str]:
    """Return the metadata of a file that holds these weights."""
    metadata = {
        "format": FORMAT,
        "kind": weights.kind,
        "face": weights.preset,
        "normalization": weights.model["normalization"],
        "origin": weights.origin,
        "sha256": weights.sha256,
        "model": json.dumps(_fields(weights), sort_keys=True),
        "input_size": json.dumps(weights.input_size),
        "buckets": json.dumps(weights.buckets),
        "framing": weights.resize_mode,
    }
    if weights.viewing_times_ms:
        metadata["viewing_times_ms"] = json.dumps(weights.viewing_times_ms)
    if weights.card:
        metadata["card"] = json.dumps(weights.card)
    return metadata


def _fields(weights: Pretrained) -> dict:
    """Return the fields of SAM to write.

    Of a whole network they are all written, so that a change of a default cannot change it.
    """
    fields = dict(weights.model)
    if weights.kind == "sam":
        fields = {field.name: field.default for field in dataclasses.fields(SAM)} | fields
    return {name: value for name, value in fields.items() if name in CHOICES | RANGES}


def read_metadata(metadata: dict[str, str], variables: dict, path: Path) -> Pretrained:
    """Return the weights of a file, of which everything but the variables is in the metadata.

    Raises:
        UserError: A value of the metadata is missing or is not allowed.
    """
    return Pretrained(
        read_kind(metadata, path),
        variables,
        read_model(metadata, path),
        origin=metadata.get("origin", path.name),
        sha256=metadata.get("sha256", ""),
        input_size=_input_size(metadata, path),
        buckets=_buckets(metadata, path),
        resize_mode=_resize_mode(metadata, path),
        viewing_times_ms=_viewing_times(metadata, path),
        card=_card(metadata, path),
    )


def read_kind(metadata: dict[str, str], path: Path) -> str:
    """Return what the file holds; UserError if it is neither a network nor a backbone."""
    kind = metadata.get("kind", "")
    if kind not in ("sam", "backbone"):
        raise UserError(f"{path}: kind is {kind!r}, expected 'sam' or 'backbone'")
    return kind


def _input_size(metadata: dict[str, str], path: Path) -> tuple[int, int]:
    """Return height and width of the input in pixels."""
    text = metadata.get("input_size", "[240, 320]")
    size = _size(_parsed(text))
    if size is None:
        raise UserError(f"{path}: input_size is {text[:40]}, expected [HEIGHT, WIDTH]")
    return size


def _buckets(metadata: dict[str, str], path: Path) -> tuple[tuple[int, int], ...]:
    """Return the further input sizes in pixels."""
    text = metadata.get("buckets", "[]")
    values = _parsed(text)
    sizes = [_size(value) for value in values] if isinstance(values, list) else [None]
    if len(sizes) > MAX_BUCKETS or None in sizes:
        raise UserError(f"{path}: buckets is {text[:40]}, expected a list of [HEIGHT, WIDTH]")
    return tuple(size for size in sizes if size is not None)


def _size(value: Any) -> tuple[int, int] | None:
    """Return a height and a width in pixels; None if the value is no sensible size."""
    if not isinstance(value, list) or len(value) != 2:
        return None
    height, width = value
    # `type` and not `isinstance`, because True is an int.
    if not all(type(side) is int and 8 <= side <= 8192 for side in (height, width)):
        return None
    return height, width


def _viewing_times(metadata: dict[str, str], path: Path) -> tuple[float, ...]:
    """Return the viewing time of each timestep, in ms; () of a network without times."""
    text = metadata.get("viewing_times_ms", "[]")
    values = _parsed(text)
    numbers = isinstance(values, list) and all(type(value) in (int, float) for value in values)
    # Ordered so, because NaN compares as false.
    if not numbers or not all(0 <= value <= MAX_TIME_MS for value in values):
        raise UserError(f"{path}: viewing_times_ms is {text[:40]}, expected a list of ms")
    return tuple(float(value) for value in values)


def _card(metadata: dict[str, str], path: Path) -> dict[str, Any]:
    """Return the facts of the model card, {} if the file has none."""
    card = _parsed(metadata.get("card", "{}"))
    if not isinstance(card, dict):
        raise UserError(f"{path}: the card in its metadata is no JSON object; convert it again")
    return card


def _parsed(text: str) -> Any:
    """Return what a JSON text says, None where it is no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _resize_mode(metadata: dict[str, str], path: Path) -> str:
    """Return how images are put into the input size; files call it `framing`."""
    resize_mode = metadata.get("framing", "letterbox")
    if resize_mode not in RESIZE_MODES:
        raise UserError(f"{path}: framing is {resize_mode!r}, expected {' or '.join(RESIZE_MODES)}")
    return resize_mode


def read_model(metadata: dict[str, str], path: Path) -> dict:
    """Return the fields of SAM that the metadata tell, each of them checked."""
    model = _parsed(metadata.get("model", ""))
    if not isinstance(model, dict) or not {"backbone", "normalization"} <= set(model):
        raise UserError(f"{path}: the metadata hold no fields of SAM, expected JSON in 'model'")
    for field, value in model.items():
        allowed = tuple(CHOICES.get(field) or RANGES.get(field) or ())
        # Types are compared too, because 1 == True and 4.0 == 4.
        if not any(type(value) is type(choice) and value == choice for choice in allowed):
            words = f"{allowed[0]} to {allowed[-1]}" if field in RANGES else allowed or "no such"
            raise UserError(f"{path}: model field {field} is {value!r}, expected {words}")
    return model
