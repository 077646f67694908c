"""What serves the requests of the HTTP interface, whatever framework brings them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from samjax.errors import UserError
from samjax.prediction.predictor import Predictor
from samjax.ui.answers import Answer
from samjax.ui.fields import Field, read_fields
from samjax.ui.form import read_form
from samjax.ui.limits import Admission, Limits, Refusal
from samjax.ui.shared_model import SharedModel

if TYPE_CHECKING:
    from starlette.requests import Request

THREADS = 4
"""They decode pictures, measure, and encode; the network has a thread of its own."""

logger = logging.getLogger(__name__)


class Route(NamedTuple):
    """A service of the HTTP interface.

    Attributes:
        path: Its address.
        handler: Returns the answer from the fields, the network and the limits.
        fields: Of its form.
        summary: What it does, for the documentation.
    """

    path: str
    handler: Callable[[dict[str, Any], SharedModel, Limits], Answer]
    fields: Sequence[Field]
    summary: str


class Service:
    """What serves the requests: a network, threads, and a bound on what waits."""

    def __init__(self, model: Predictor, limits: Limits, queue: int) -> None:
        """Start the threads; queue: how many requests may be in work or wait."""
        self.model, self.limits = SharedModel(model), limits
        self.admission = Admission(queue)
        self.pool = ThreadPoolExecutor(THREADS, "samjax-request")

    async def answer(self, route: Route, request: Request) -> Answer:
        """Return the answer to a request.

        Raises:
            Refusal: It is not served.
            UserError: What it asks for cannot be.
        """
        with self.admission.enter():
            try:
                async with asyncio.timeout(self.limits.upload_seconds):
                    form = await read_form(request, self.limits)
            except TimeoutError as error:
                raise Refusal(408, "the request took too long to arrive") from error
            values = read_fields(form, route.fields)
            del form
            loop = asyncio.get_running_loop()
            try:
                return await loop.run_in_executor(
                    self.pool, route.handler, values, self.model, self.limits
                )
            except (Refusal, UserError):
                raise
            # One request must not end the others, whatever it makes a library raise.
            except Exception as error:
                logger.exception("%s failed", route.path)
                detail = f"the server failed at this request ({type(error).__name__})"
                raise Refusal(500, detail) from error

    def health(self) -> dict[str, Any]:
        """Return how the server is, and what it accepts."""
        limits = self.limits
        return {
            "status": "ok",
            "model": self.model.origin,
            "timesteps": self.model.timesteps,
            "requests": self.admission.inside,
            "queue": self.admission.most,
            "limits": {
                "file_bytes": limits.file_bytes,
                "request_bytes": limits.request_bytes,
                "pixels": limits.pixels,
                "areas": limits.areas,
            },
        }

    def close(self) -> None:
        """End the threads; what waits is refused."""
        self.model.close()
        self.pool.shutdown(cancel_futures=True)
