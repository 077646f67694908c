"""The fields of the forms: one table says what is accepted, and what the documentation shows."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from samjax.errors import UserError, check_name
from samjax.ui.form import Form, Upload

FILE, TEXT, INTEGER, NUMBER, FLAG = "file", "text", "integer", "number", "flag"
YES, NO = ("true", "1", "yes", "on"), ("false", "0", "no", "off", "")
SCHEMAS: dict[str, dict[str, Any]] = {
    FILE: {"type": "string", "format": "binary"},
    TEXT: {"type": "string"},
    INTEGER: {"type": "integer"},
    NUMBER: {"type": "number"},
    FLAG: {"type": "boolean"},
}


class Field(NamedTuple):
    """A field of a form.

    Attributes:
        name: Of the field.
        kind: FILE, TEXT, INTEGER, NUMBER or FLAG.
        about: A sentence for the documentation.
        default: What holds where it is left out.
        required: Whether it has to be there.
        low: The least number.
        high: The greatest number.
        choices: All that a text may be; empty: anything.
        or_file: Whether a text may be sent as a file, too; its value is then the `Upload`.
    """

    name: str
    kind: str
    about: str
    default: Any = None
    required: bool = False
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    or_file: bool = False


def read_fields(form: Form, fields: Sequence[Field]) -> dict[str, Any]:
    """Return the value of every field.

    Raises:
        UserError: A field is unknown, missing, or says what it cannot mean.
    """
    known = [field.name for field in fields]
    for name in (*form.texts, *form.files):
        check_name("field", name, known)
    return {field.name: _value(form, field) for field in fields}


def _value(form: Form, field: Field) -> Any:
    """Return the value of one field."""
    name = field.name
    upload, text = form.files.get(name), form.texts.get(name)
    if field.kind == FILE or (field.or_file and upload is not None):
        if text is not None:
            raise UserError(f"{name} is a text; send it as a file")
        if field.required and (upload is None or not upload.data):
            raise UserError(f"{name} is missing; send a picture")
        return upload
    if upload is not None:
        raise UserError(f"{name} is a file; send it as a text")
    if text is None or (not text.strip() and field.kind != FLAG):
        return field.default
    return _of_text(field, text.strip())


def _of_text(field: Field, text: str) -> Any:
    """Return what a text says of a field."""
    if field.kind == FLAG:
        lowered = text.lower()
        if lowered not in YES + NO:
            raise UserError(f"{field.name}={text!r} is not possible; give true or false")
        return lowered in YES
    if field.kind == TEXT:
        if field.choices:
            check_name(field.name, text, field.choices)
        return text
    convert: Callable[[str], float] = int if field.kind == INTEGER else float
    try:
        value = convert(text)
    except ValueError:
        kind = "whole number" if field.kind == INTEGER else "number"
        raise UserError(f"{field.name}={text!r} is no {kind}") from None
    if not field.low <= value <= field.high:
        raise UserError(
            f"{field.name}={text} is not possible; give {field.low:g} to {field.high:g}"
        )
    return value


def schema(fields: Sequence[Field]) -> dict[str, Any]:
    """Return the JSON schema of a form, for its documentation."""
    properties = {}
    for field in fields:
        about = dict(SCHEMAS[field.kind], description=field.about)
        if field.default is not None:
            about["default"] = field.default
        if field.choices:
            about["enum"] = list(field.choices)
        if math.isfinite(field.low):
            about["minimum"] = field.low
        if math.isfinite(field.high):
            about["maximum"] = field.high
        properties[field.name] = about
    required = [field.name for field in fields if field.required]
    return {"type": "object", "properties": properties, "required": required}


def file_of(values: dict[str, Any], name: str = "file") -> Upload:
    """Return a required file."""
    upload = values[name]
    assert isinstance(upload, Upload)
    return upload
