"""What /openapi.json says of the HTTP interface, beside what FastAPI knows by itself."""

from collections.abc import Sequence
from typing import Any

from samjax.ui.fields import Field, schema

ABOUT: dict[str, Any] = {
    "title": "samjax",
    "version": "1",
    "description": "Where people look in a picture: maps, areas, comparisons and crops. Pictures "
    "are kept in memory for the answer only. Every failure has a status and one sentence, "
    '{"detail": "..."}. Fields may also be given in the address, as in /predict?format=npy.',
}

FAILURES = {
    "403": "The request comes from another site, or names another host.",
    "408": "The request took too long to arrive.",
    "413": "The request, a file or a picture is larger than the limits, see /health.",
    "415": "The request is no form.",
    "422": "A field or a picture is wrong.",
    "503": "The queue is full; Retry-After says when to try again.",
}
DETAIL = {"type": "object", "properties": {"detail": {"type": "string"}}, "required": ["detail"]}


def operation(summary: str, fields: Sequence[Field]) -> dict[str, Any]:
    """Return what is told of a service.

    Args:
        summary: What it does.
        fields: Of its form.
    """
    failure = {"application/json": {"schema": DETAIL}}
    responses: dict[str, Any] = {
        status: {"description": about, "content": failure} for status, about in FAILURES.items()
    }
    responses["200"] = {"description": "The answer, of the format that was asked for."}
    form = {"multipart/form-data": {"schema": schema(fields)}}
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": form},
        "responses": responses,
    }
