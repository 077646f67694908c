"""Fixed views are the same in every run, and stored ones are what would be rendered."""

from itertools import islice

import numpy as np
from example_factory import decode, make_example

from samjax.data.canvas import Canvas, by_canvas
from samjax.data.decoding import DecodedSource
from samjax.data.pipeline import eval_batches, train_batches
from samjax.data.rendering import Render
from samjax.data.stored_features import StoredView
from samjax.data.transforms import Augment
from samjax.data.views import FixedViews

AUGMENT = Augment(flip=True, zoom=(0.7, 1.5), rotation=4.0, brightness=0.2, grey=0.2, views=5)
CANVASES = [Canvas((12, 16), (6, 8)), Canvas((16, 12), (8, 6))]
RENDER = Render(*CANVASES[0])


def examples(number: int = 12, seed: int = 0):
    """Noise of two aspects, so that each view of each image differs from all others."""
    rng = np.random.default_rng(seed)
    sizes = [(18, 24) if k % 3 else (24, 18) for k in range(number)]
    return [
        make_example(
            rng.integers(0, 256, (*size, 3)).astype(np.uint8),
            rng.uniform(0, 17, (9, 2)),
            image_id=f"{seed}-{k}",
            duration_ms=np.full(9, 100, np.float32),
            order=np.arange(9, dtype=np.int32),
        )
        for k, size in enumerate(sizes)
    ]


class Remembered:
    """Stands for features on disk: every second pixel of the image that a view shows."""

    def __init__(self, source, canvas: Canvas, indices, augment: Augment) -> None:
        self._images = DecodedSource(source, indices)
        self._views = FixedViews(Render(canvas.input, canvas.map), augment)

    def read(self, image: int, view: int) -> StoredView:
        window, element = self._views.show(self._images[image], view)
        return StoredView(window, features_of(element["image"]))


def features_of(image: np.ndarray) -> np.ndarray:
    return image[..., ::2, ::2, :].astype(np.float32)


def remembered(source, augment) -> list[Remembered]:
    parts = zip(CANVASES, by_canvas(source, CANVASES), strict=True)
    return [Remembered(source, canvas, indices, augment) for canvas, indices in parts]


def assert_equal_but_for_features(cached: list[dict], whole: list[dict]):
    assert len(cached) == len(whole)
    for batch, other in zip(cached, whole, strict=True):
        images = other.pop("image")
        np.testing.assert_array_equal(batch.pop("features"), features_of(images))
        assert batch.keys() == other.keys()
        for name in batch:
            np.testing.assert_array_equal(batch[name], other[name], err_msg=name)


def test_the_first_views_are_the_image_as_it_is_and_mirrored():
    views = FixedViews(RENDER, AUGMENT)
    decoded = decode(examples(2)[1])
    whole = RENDER.letterboxed(decoded)
    (_, as_it_is), (_, mirrored) = (views.show(decoded, view) for view in (0, 1))
    for name in ("image", "density", "counts", "mask"):
        np.testing.assert_array_equal(as_it_is[name], whole[name])
    np.testing.assert_array_equal(mirrored["image"], whole["image"][:, ::-1])
    np.testing.assert_array_equal(mirrored["counts"], whole["counts"][:, ::-1])
    unmirrored = FixedViews(RENDER, Augment(zoom=(0.7, 1.5), views=3))
    assert unmirrored.show(decoded, 1)[0].width != 1


def test_drawn_views_differ_and_go_with_the_images_name_alone():
    views = FixedViews(RENDER, AUGMENT)
    first, second = examples(2, seed=3)
    windows = [views.show(decode(first), view)[0] for view in range(5)]
    assert len(set(windows)) == 5
    elsewhere = [views.show(decode(first, index=40), view)[0] for view in range(5)]
    assert elsewhere == windows
    assert views.show(decode(second), 3)[0] != windows[3]


def test_training_draws_each_view_equally_often():
    source = examples(6)
    batches = train_batches([source], batch_size=10, canvases=CANVASES[:1], augment=AUGMENT, seed=1)
    views = FixedViews(RENDER, AUGMENT)
    known = {
        (k, view): views.show(decode(source[k]), view)[1]["image"]
        for k in range(6)
        for view in range(5)
    }
    seen = dict.fromkeys(known, 0)
    for batch in islice(batches, 60):
        for index, image in zip(batch["index"], batch["image"], strict=True):
            (which,) = [v for v in range(5) if np.array_equal(image, known[index, v])]
            seen[index, which] += 1
    # 600 draws of 1/30 each: a standard deviation is 4.4.
    assert all(4 <= count <= 42 for count in seen.values())


def test_stored_features_come_with_what_the_rendered_view_would_have():
    sources = [examples(12), examples(9, seed=1)]
    options = {
        "batch_size": 4,
        "canvases": CANVASES,
        "augment": AUGMENT,
        "seed": 5,
        "viewing_times_ms": (300.0, 900.0),
    }
    whole = list(islice(train_batches(sources, [1, 2], **options), 12))
    by_source = [remembered(source, AUGMENT) for source in sources]
    stored = list(zip(*by_source, strict=True))
    cached = list(islice(train_batches(sources, [1, 2], stored=stored, **options), 12))
    assert {batch["features"].shape[1:3] for batch in cached} == {(6, 8), (8, 6)}
    assert_equal_but_for_features(cached, whole)


def test_evaluation_from_stored_features_has_the_same_batches_and_padding():
    source = examples(7)
    options = {"batch_size": 4, "canvases": CANVASES}
    whole = list(eval_batches(source, **options))
    stored = remembered(source, Augment(views=1))
    cached = list(eval_batches(source, stored=stored, **options))
    for batch in cached:  # what fills up a batch has no meaning, and is zero
        assert not batch["features"][batch["index"] < 0].any()
    assert (np.concatenate([batch["index"] for batch in cached]) < 0).any()
    assert_equal_but_for_features(cached, whole)


def test_no_image_is_decoded_where_its_features_are_stored():
    source = examples(4)
    stored = Remembered(source, CANVASES[0], range(4), AUGMENT)
    damaged = [make_example(b"no image", (), 18, 24, image_id=e.image_id) for e in source]
    decoded = DecodedSource(damaged, range(4), stored=stored, cache_mib=1.0)[2]
    assert decoded.image is None
    assert decoded.stored(1).features.shape == (6, 8, 3)
