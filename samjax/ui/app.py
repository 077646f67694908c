"""The application: which address is answered by what."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from samjax.errors import UserError, one_line
from samjax.prediction.predictor import Predictor
from samjax.ui import areas, comparison, crops, prediction
from samjax.ui.documentation import ABOUT, operation
from samjax.ui.guard import Guard
from samjax.ui.limits import Limits, Refusal
from samjax.ui.page_files import page_files
from samjax.ui.service import Route, Service

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

QUEUE = 32

ROUTES = (
    Route("/predict", prediction.predict, prediction.FIELDS, "The map of a picture."),
    Route("/areas", areas.measure, areas.FIELDS, "How much attention areas of a picture get."),
    Route(
        "/compare", comparison.compare, comparison.FIELDS, "Where attention moved in a new version."
    ),
    Route("/crop", crops.find, crops.FIELDS, "The windows that keep the most attention."),
)


def build_app(
    model: Predictor,
    *,
    limits: Limits | None = None,
    queue: int = QUEUE,
    only_loopback: bool = True,
) -> FastAPI:
    """Return the application.

    Args:
        model: The network, which belongs to the application from now on.
        limits: What one request may ask for.
        queue: How many requests may be in work or wait; more are refused at once.
        only_loopback: Whether requests have to name this computer as their host.
    """
    from fastapi import FastAPI

    service = Service(model, limits or Limits(), queue)
    # It tells of every damaged form, which the answer tells already.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(service.close)

    app = FastAPI(docs_url=None, redoc_url=None, lifespan=lifespan, **ABOUT)
    app.state.service = service
    app.add_middleware(Guard, only_loopback=only_loopback)  # type: ignore[arg-type]
    for route in ROUTES:
        _add_service(app, service, route)
    _add_health(app, service)
    _add_pages(app)
    _add_failures(app)
    return app


def _add_service(app: FastAPI, service: Service, route: Route) -> None:
    """Add a service to the application."""
    from starlette.requests import Request
    from starlette.responses import Response

    async def serve(request):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        answer = await service.answer(route, request)
        headers = {}
        if answer.name:
            headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(answer.name)}"
        return Response(answer.body, media_type=answer.media_type, headers=headers)

    # FastAPI reads the annotations, which are names of this function here.
    serve.__annotations__ = {"request": Request}
    app.add_api_route(
        route.path,
        serve,
        methods=["POST"],
        name=route.path[1:],
        response_class=Response,
        openapi_extra=operation(route.summary, route.fields),
    )


def _add_health(app: FastAPI, service: Service) -> None:
    """Add what tells that the server is there."""
    app.add_api_route(
        "/health", service.health, summary="Whether the server is there, and its limits."
    )


def _add_pages(app: FastAPI) -> None:
    """Add the page, and the page of the interface."""
    from starlette.responses import Response

    def page(name: str) -> Callable[[], Response]:
        def give() -> Response:
            body, media_type = page_files()[name]
            return Response(body, media_type=media_type)

        give.__annotations__ = {}
        return give

    pages = {"/": "index.html", "/docs": "docs.html"}
    pages |= {f"/static/{name}": name for name in page_files()}
    for path, name in pages.items():
        app.add_api_route(path, page(name), include_in_schema=False)


def _add_failures(app: FastAPI) -> None:
    """Add how failures are told: by a status, and one sentence as `detail`."""
    from starlette.exceptions import HTTPException
    from starlette.responses import JSONResponse

    def told(status: int, detail: str, headers: dict[str, str] | None = None) -> JSONResponse:
        return JSONResponse({"detail": detail}, status, headers)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        return told(error.status, error.detail, error.headers)

    async def wrong(request: Request, error: Exception) -> Response:
        return told(422, one_line(error))

    async def unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return told(error.status_code, error.detail)

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(UserError, wrong)
    app.add_exception_handler(HTTPException, unknown)
