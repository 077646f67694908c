"""Too many requests, faults and requests that never arrive; and that nothing is stored."""

import asyncio
import functools
import io
import threading

import pytest
from PIL import Image
from ui_server import encoded, make_client, picture, refused

from samjax.ui.app import ROUTES
from samjax.ui.limits import MIB, Limits, Refusal
from samjax.ui.service import Service

starlette = pytest.importorskip("starlette.requests", reason="the page needs the extra `ui`")
DATA = encoded(picture(0))


def test_a_full_queue_is_503_at_once(model):
    """The network waits in the first request, so the second one finds the queue full."""
    entered, go_on = threading.Event(), threading.Event()

    class Waiting(type(model)):
        def predict_batch(self, *args, **kwargs):
            entered.set()
            assert go_on.wait(60)
            return super().predict_batch(*args, **kwargs)

    files = {"file": ("p.png", DATA)}
    answers = []
    with make_client(Waiting(model._network), queue=1) as client:
        post = functools.partial(client.post, "/predict", files=files)
        first = threading.Thread(target=lambda: answers.append(post()))
        first.start()
        try:
            assert entered.wait(60)
            assert client.get("/health").json()["requests"] == 1
            answer = post()
        finally:
            go_on.set()
            first.join()
        refused(answer, 503, "the queue is full")
        assert answer.headers["retry-after"] == "1"
        assert answers[0].status_code == 200
        assert client.get("/health").json()["requests"] == 0
        assert post().status_code == 200


def test_a_fault_of_the_server_is_500_and_it_goes_on(model, caplog):
    class Faulty(type(model)):
        fails = True

        def predict_batch(self, *args, **kwargs):
            if self.fails:
                raise ZeroDivisionError("secret")
            return super().predict_batch(*args, **kwargs)

    faulty = Faulty(model._network)
    with make_client(faulty) as client:
        detail = refused(client.post("/predict", files={"file": ("p.png", DATA)}), 500, "failed")
        assert "secret" not in detail
        faulty.fails = False
        assert client.post("/predict", files={"file": ("p.png", DATA)}).status_code == 200
    assert "ZeroDivisionError" in caplog.text


def test_a_request_that_never_arrives_is_408(model):
    async def never():
        await asyncio.Event().wait()

    headers = [(b"content-type", b"multipart/form-data; boundary=b")]
    scope = {"type": "http", "method": "POST", "headers": headers, "query_string": b""}
    service = Service(model, Limits(upload_seconds=0.01), 1)
    with pytest.raises(Refusal, match="took too long") as refusal:
        asyncio.run(service.answer(ROUTES[0], starlette.Request(scope, never)))
    assert refusal.value.status == 408
    assert service.admission.inside == 0
    service.close()


def test_nothing_is_written_anywhere(client, no_writing):
    """Also above a megabyte, from which on usual parsers keep uploads in files."""
    large = io.BytesIO()
    Image.fromarray(picture(3, 700, 1000)).save(large, "PNG")
    assert len(large.getvalue()) > 2 * MIB
    requests = [
        ("/predict?timesteps=1&picture=1", {}),
        ("/predict?format=overlay", {}),
        ("/areas", {"grid": "2x2"}),
        ("/crop", {"ratio": "1:1", "format": "picture"}),
    ]
    for _ in range(2):  # the first time JAX keeps what it compiles
        no_writing.clear()
        for path, data in requests:
            answer = client.post(path, files={"file": ("p.png", large.getvalue())}, data=data)
            assert answer.status_code == 200
    assert no_writing == []
