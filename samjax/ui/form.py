"""Forms that are sent with pictures, read into memory: nothing of them is ever on disk.

The parsers of Starlette and of python-multipart keep files above a megabyte in temporary files.
Here a body is bounded, and then python-multipart's parser tells where its parts are.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, NamedTuple

from samjax.errors import without_controls
from samjax.ui.limits import MIB, Limits, Refusal

if TYPE_CHECKING:
    from starlette.requests import Request

LONGEST_NAME = 200


class Upload(NamedTuple):
    """A file that was sent.

    Attributes:
        name: What it is called, without folders.
        data: Its bytes.
    """

    name: str
    data: bytes


@dataclass
class Form:
    """What a request brought.

    Attributes:
        texts: {field: what it says}, of the form and of the address.
        files: {field: the file}.
    """

    texts: dict[str, str] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)


async def read_form(request: Request, limits: Limits) -> Form:
    """Return the form of a request.

    Raises:
        Refusal: It is no form, damaged, or larger than the limits.
    """
    boundary = _boundary(request.headers.get("content-type", ""))
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > limits.request_bytes:
        raise _too_large("the request", limits.request_bytes)
    body = await _read(request.stream(), limits.request_bytes)
    form = parse_form(body, boundary, limits)
    for name, text in request.query_params.multi_items():
        _add(form.texts, name, text)
    return form


async def _read(chunks: AsyncIterator[bytes], most: int) -> bytes:
    """Return the bytes of a body that has at most so many."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            raise _too_large("the request", most)
    return bytes(body)


def _boundary(content_type: str) -> bytes:
    """Return what stands between the parts of a form."""
    from python_multipart.multipart import parse_options_header

    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        shown = without_controls(content_type)[:80] or "nothing"
        raise Refusal(415, f"the content type is {shown}; send a form as multipart/form-data")
    return options[b"boundary"]


class _Part(NamedTuple):
    """A part of a form while it is read."""

    headers: dict[bytes, bytes]
    data: bytearray


def parse_form(body: bytes, boundary: bytes, limits: Limits) -> Form:
    """Return the form of a body.

    Raises:
        Refusal: It is damaged, has too many parts, a part is too large, or a field comes twice.
    """
    from python_multipart.exceptions import MultipartParseError

    try:
        parts = _split(body, boundary, limits)
        form = Form()
        for part in parts:
            _keep(form, part, limits)
    except (MultipartParseError, UnicodeDecodeError) as error:
        raise Refusal(422, f"the form is damaged ({error})") from error
    return form


def _split(body: bytes, boundary: bytes, limits: Limits) -> list[_Part]:
    """Return the parts of a form."""
    from python_multipart.multipart import MultipartParser

    parts: list[_Part] = []
    header = [bytearray(), bytearray()]

    def begin() -> None:
        if len(parts) >= limits.parts:
            raise Refusal(413, f"the form has more than {limits.parts} fields and files")
        parts.append(_Part({}, bytearray()))

    def end_header() -> None:
        parts[-1].headers[bytes(header[0]).lower()] = bytes(header[1])
        header[0].clear()
        header[1].clear()

    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": begin,
            "on_header_field": lambda data, start, end: header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: header[1].extend(data[start:end]),
            "on_header_end": end_header,
            "on_part_data": lambda data, start, end: parts[-1].data.extend(data[start:end]),
        },
    )
    parser.write(body)
    parser.finalize()
    return parts


def _keep(form: Form, part: _Part, limits: Limits) -> None:
    """Add a part to the form."""
    from python_multipart.multipart import parse_options_header

    _, options = parse_options_header(part.headers.get(b"content-disposition", b""))
    name = options.get(b"name", b"").decode()
    if not name:
        raise Refusal(422, "a part of the form has no name")
    file_name = options.get(b"filename")
    if file_name is None:
        if len(part.data) > limits.text_bytes:
            raise _too_large(f"the field {without_controls(name)[:40]}", limits.text_bytes)
        _add(form.texts, name, part.data.decode())
        return
    if len(part.data) > limits.file_bytes:
        raise _too_large("the file", limits.file_bytes)
    if name in form.files:
        raise Refusal(422, f"the field {without_controls(name)[:40]} comes twice; send one")
    form.files[name] = Upload(plain_name(file_name.decode("utf-8", "replace")), bytes(part.data))


def _add(texts: dict[str, str], name: str, text: str) -> None:
    """Add a field, which must not be there already."""
    if name in texts:
        raise Refusal(422, f"the field {without_controls(name)[:40]} comes twice; send one")
    texts[name] = text


def plain_name(name: str) -> str:
    """Return the last part of a file's name, in printable letters."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    return without_controls(last)[:LONGEST_NAME] or "picture"


def _too_large(what: str, most: int) -> Refusal:
    return Refusal(413, f"{what} is too large; at most {most / MIB:g} MiB are read")
