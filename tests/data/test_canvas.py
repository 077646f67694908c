"""Each image is shown on the canvas whose aspect is nearest its own."""

import jax
import numpy as np
import pytest
from example_factory import flat_examples
from PIL import Image
from tiny_training import tiny_config

from samjax.data.canvas import Canvas, by_canvas, make_canvases, nearest
from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.synthetic.scenes import SceneSpec
from samjax.prediction.predict import predict_paths
from samjax.prediction.predictor import load_model
from samjax.training.loop import train

CANVASES = [Canvas((h, w), (h // 2, w // 2)) for h, w in ((24, 32), (32, 24), (28, 28))]
SIZES = [(60, 80), (80, 60), (60, 60), (60, 160), (61, 80), (90, 60), (60, 81)]


@pytest.mark.parametrize(
    ("size", "canvas"), [((60, 80), 0), ((600, 1000), 0), ((8, 1), 1), ((50, 51), 2), ((1, 1), 2)]
)
def test_the_nearest_aspect_is_taken(size, canvas):
    assert nearest(CANVASES, *size) == canvas


def test_the_first_of_equal_aspects_is_taken():
    assert nearest([CANVASES[0], Canvas((48, 64), (24, 32))], 480, 640) == 0


def test_each_image_has_one_canvas():
    source = flat_examples(SIZES)
    assert by_canvas(source, CANVASES) == [[0, 3, 4, 6], [1, 5], [2]]
    assert by_canvas(source, CANVASES[:1]) == [range(7)]


def test_a_network_has_a_canvas_for_each_size_once():
    sizes = [(60, 80), (80, 60), (60, 80)]
    canvases = make_canvases(lambda size: (size[0] // 8, size[1] // 8), (240, 320), sizes)
    assert canvases == [
        Canvas((240, 320), (30, 40)),
        Canvas((60, 80), (7, 10)),
        Canvas((80, 60), (10, 7)),
    ]


@pytest.mark.slow
def test_a_run_trains_and_predicts_on_the_canvases_of_its_config(tmp_path, rng):
    """Trained and validated on portraits only, though the config's first canvas is a landscape."""
    spec, counts = SceneSpec(64, 48, subjects=2), {"train": 40, "validation": 3}
    prepare_synthetic("tall", data_dir=tmp_path, spec=spec, counts=counts)
    config = tiny_config(tmp_path, max_steps=1, ema_decay=0.0)
    config.model.update(timesteps=1, gaussians=0, features=4)
    config.data.update(train="tall", validation="tall", buckets=((40, 32),))
    scores = train(config, tmp_path / "run", jax.devices()[:1])
    assert np.isfinite(list(scores.values())).all()
    model = load_model(tmp_path / "run")
    assert [canvas.input for canvas in model.canvases] == [(32, 40), (40, 32)]
    assert model.to_canvas(np.zeros((90, 60, 3), np.uint8)).shape == (40, 32, 3)
    for number, size in enumerate([(60, 90), (90, 60), (70, 90)]):
        photo = rng.integers(0, 255, (*size, 3)).astype(np.uint8)
        Image.fromarray(photo).save(tmp_path / f"{number}.png")
    photos = sorted(tmp_path.glob("?.png"))
    result = predict_paths(model, photos, tmp_path / "out", batch_size=2)
    shapes = {path.stem: np.load(path).shape for path in result.written}
    assert shapes == {"0": (60, 90), "1": (90, 60), "2": (70, 90)}
