"""What waits together is predicted together, and everybody gets the own answer."""

import threading

import numpy as np
import pytest
from ui_server import picture

from samjax.ui.limits import Refusal
from samjax.ui.shared_model import SharedModel


class Gate:
    """A predictor whose first batch waits until it may go on; it notes the sizes of batches."""

    def __init__(self, model):
        self._model = model
        self.sizes, self.entered, self.go_on = [], threading.Event(), threading.Event()

    def __getattr__(self, name):
        return getattr(self._model, name)

    def predict_batch(self, images, *args):
        self.entered.set()
        assert self.go_on.wait(60)
        self.sizes.append((len(images), args[-1]))
        return self._model.predict_batch(images, *args)


def test_what_waits_together_is_one_batch_and_the_rest_is_single(model):
    gate = Gate(model)
    shared = SharedModel(gate)
    images = [picture(seed) for seed in range(2 + 2 * shared.batch + 1)]
    canvases = [model.to_canvas(image) for image in images]
    futures = [shared.submit(canvases[0])]
    assert gate.entered.wait(60)
    futures += [
        shared.submit(canvas, all_timesteps=i == 1) for i, canvas in enumerate(canvases) if i
    ]
    gate.go_on.set()
    outputs = [future.result() for future in futures]
    shared.close()
    batches = [shared.batch, shared.batch, 1]
    assert gate.sizes == [(1, False), (1, True), *((size, False) for size in batches)]
    for canvas, output in zip(canvases, outputs, strict=True):
        expected = np.asarray(model.predict_batch(canvas[None]).log_density)
        # float32, summed in another order in a batch.
        np.testing.assert_allclose(np.asarray(output.log_density), expected, rtol=1e-5, atol=1e-5)


def test_it_answers_as_the_predictor(model):
    shared = SharedModel(model)
    image = picture(7)
    saliency, expected = shared(image), model(image)
    np.testing.assert_array_equal(saliency.density, expected.density)
    np.testing.assert_array_equal(saliency.timesteps, expected.timesteps)
    assert saliency.last_timestep == 2
    shared.close()


def test_what_waits_is_refused_at_the_end(model):
    gate = Gate(model)
    shared = SharedModel(gate)
    canvas = model.to_canvas(picture(0))
    first = shared.submit(canvas)
    assert gate.entered.wait(60)
    second = shared.submit(canvas)
    closing = threading.Thread(target=shared.close)
    closing.start()
    while not shared.submit(canvas).done():  # until the end is known
        pass
    gate.go_on.set()
    closing.join()
    assert first.result() is not None
    with pytest.raises(Refusal, match="ending"):
        second.result()
