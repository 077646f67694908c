"""The application with a tiny network of two timesteps, and pictures to send."""

import io

import numpy as np
import pytest
from PIL import Image
from tiny_model import FIELDS, INPUT, tiny_variables

from samjax.models import SAM
from samjax.prediction.predictor import Predictor
from samjax.prediction.traced import TracedNetwork


def tiny_network() -> TracedNetwork:
    return TracedNetwork(
        SAM(**FIELDS | {"timesteps": 2}), tiny_variables(), INPUT, "random, step 0"
    )


@pytest.fixture(scope="package")
def model() -> Predictor:
    return Predictor(tiny_network())


@pytest.fixture(scope="package")
def client(model):
    pytest.importorskip("fastapi", reason="the page needs the extra `ui`")
    from fastapi.testclient import TestClient

    from samjax.ui.app import build_app

    with TestClient(build_app(model), base_url="http://127.0.0.1:8765") as client:
        yield client


def picture(seed: int, height: int = 30, width: int = 40) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), np.uint8)


def encoded(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()
