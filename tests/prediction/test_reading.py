"""Photographs read ahead, and gathered into batches of one shape."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from samjax.prediction.outputs import Outputs
from samjax.prediction.reading import LoadedPhoto, pad_batch, read_ahead, same_shape


def loaded(name, shape):
    canvas = np.full((*shape, 3), 7, np.uint8)
    return LoadedPhoto(Outputs(Path(name), {}), shape, canvas, None)


def test_batches_have_one_shape_and_keep_the_order():
    wide, tall = (4, 6), (6, 4)
    shapes = [wide, tall, wide, wide, tall, wide]
    photos = [loaded(str(k), shape) for k, shape in enumerate(shapes)]
    batches = [[p.outputs.photo.name for p in batch] for batch in same_shape(photos, 2)]
    assert batches == [["0", "2"], ["1", "4"], ["3", "5"]]
    batches = [[p.outputs.photo.name for p in batch] for batch in same_shape(photos, 3)]
    assert batches == [["0", "2", "3"], ["1", "4"], ["5"]]


def test_blank_canvases_fill_a_batch_up():
    batch = pad_batch([loaded("a", (4, 6)).canvas], 3)
    assert (batch.shape, batch.dtype) == ((3, 4, 6, 3), np.uint8)
    assert (batch[0] == 7).all()
    assert not batch[1:].any()


def test_photographs_come_in_order_and_few_are_under_way(model, tmp_path, rng):
    plans = []
    for k in range(6):
        path = tmp_path / f"{k}.png"
        Image.fromarray(rng.integers(0, 256, (5, 6 + k, 3), np.uint8)).save(path)
        kind = "overlay" if k == 0 else "npy"
        plans.append(Outputs(path, {(kind, ""): tmp_path / f"{k}.out"}))
    submitted = []

    class Pool(ThreadPoolExecutor):
        def submit(self, *args):
            submitted.append(args)
            return super().submit(*args)

    with Pool(2) as pool:
        for k, (path, future) in enumerate(read_ahead(pool, plans, model, ahead=2)):
            assert path == plans[k].photo
            assert len(submitted) <= k + 2
            photo = future.result()
            assert photo.size == (5, 6 + k)
            assert (photo.image is None) == (k > 0)  # only an overlay needs it
    assert len(submitted) == 6
