"""The page's application with a tiny network of two timesteps, and pictures to send."""

import io
import sys
import threading

import numpy as np
import pytest
from PIL import Image
from tiny_model import FIELDS, INPUT, tiny_variables

from samjax.models import SAM
from samjax.prediction.predictor import Predictor
from samjax.prediction.traced import TracedNetwork

WRITING = []
_IS_WATCHING = threading.Event()


@pytest.fixture(scope="package")
def model() -> Predictor:
    sam = SAM(**FIELDS | {"timesteps": 2})
    return Predictor(TracedNetwork(sam, tiny_variables(), INPUT, "random, step 0"))


def make_client(model: Predictor, **options):
    pytest.importorskip("fastapi", reason="the page needs the extra `ui`")
    from fastapi.testclient import TestClient

    from samjax.ui.app import build_app

    return TestClient(build_app(model, **options), base_url="http://127.0.0.1:8765")


@pytest.fixture(scope="package")
def client(model):
    with make_client(model) as client:
        yield client


@pytest.fixture(scope="package")
def url(model):
    """The address of a real server, in a thread."""
    uvicorn = pytest.importorskip("uvicorn", reason="the page needs the extra `ui`")
    from samjax.ui.app import build_app
    from samjax.ui.server import Address, bind

    with bind(Address("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(build_app(model), log_config=None))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def no_writing():
    """The list of files that are opened for writing, by Python or by tempfile, from here on."""
    if not getattr(sys, "_samjax_audited", False):
        sys.addaudithook(_note)  # a hook stays; it is silent where no test watches
        sys._samjax_audited = True
    WRITING.clear()
    _IS_WATCHING.set()
    yield WRITING
    _IS_WATCHING.clear()


def _note(event: str, args: tuple) -> None:
    if not _IS_WATCHING.is_set():
        return
    if event.startswith("tempfile."):
        WRITING.append((event, args))
    elif event == "open":
        path, mode, flags = args
        if set(mode or "") & set("wax+") or (flags or 0) & 3:
            WRITING.append((event, path))


def picture(seed: int, height: int = 30, width: int = 40) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), np.uint8)


def encoded(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def refused(answer, status, words):
    assert answer.status_code == status, answer.text
    detail = answer.json()["detail"]
    assert list(answer.json()) == ["detail"]
    assert words in detail, detail
    assert "\n" not in detail
    return detail
