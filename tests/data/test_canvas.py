"""Images are shown in the frame whose aspect is nearest theirs, each image in one."""

from itertools import islice

import numpy as np
import pytest
from PIL import Image
from table_files import encoded
from tiny_training import tiny_config

from samjax.data.canvas import Canvas, by_canvas, nearest
from samjax.data.example import Example
from samjax.data.pipeline import eval_batches, train_batches
from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.synthetic.scenes import SceneSpec
from samjax.evaluation.evaluate import evaluate
from samjax.prediction.predict import predict_paths
from samjax.prediction.predictor import load_model
from samjax.training.loop import train

LANDSCAPE, PORTRAIT, SQUARE = (
    Canvas((h, w), (h // 2, w // 2)) for h, w in ((24, 32), (32, 24), (28, 28))
)
CANVASES = [LANDSCAPE, PORTRAIT, SQUARE]
SIZES = [(60, 80), (80, 60), (60, 60), (60, 160), (61, 80), (90, 60), (60, 81)]


def example(number: int, height: int, width: int) -> Example:
    image = np.full((height, width, 3), 40 + number, np.uint8)
    one = np.zeros(1)
    return Example(
        image=encoded(image), image_id=str(number), height=height, width=width,
        points=np.float32([[width / 2, height / 2]]), subject=np.int32(one),
        duration_ms=np.float32(one), order=np.int32(one), density=b"", sigma_px=5.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def source() -> list[Example]:
    return [example(n, *size) for n, size in enumerate(SIZES)]


@pytest.mark.parametrize(
    ("size", "canvas"), [((60, 80), 0), ((600, 1000), 0), ((8, 1), 1), ((50, 51), 2), ((1, 1), 2)]
)
def test_the_nearest_aspect_is_taken(size, canvas):
    assert nearest(CANVASES, *size) == canvas


def test_the_first_of_equal_aspects_is_taken():
    assert nearest([LANDSCAPE, Canvas((48, 64), (24, 32))], 480, 640) == 0


def test_each_image_has_one_frame(source):
    assert by_canvas(source, CANVASES) == [[0, 3, 4, 6], [1, 5], [2]]
    assert by_canvas(source, CANVASES[:1]) == [range(7)]


def batches(source, count: int, **options) -> list[dict]:
    options = {"batch_size": 2, "canvases": CANVASES, "seed": 3, **options}
    return list(islice(train_batches([source], **options), count))


def test_training_batches_have_one_frame_each_in_proportion_to_its_images(source):
    made = batches(source, 70)
    for batch in made:
        height, width = batch["image"].shape[1:3]
        assert (height // 2, width // 2) == batch["density"].shape[1:]
        for index, image in zip(batch["index"], batch["image"], strict=True):
            assert CANVASES[nearest(CANVASES, *SIZES[index])].input == (height, width)
            assert image.max() == pytest.approx(40 + index, abs=2)  # the image itself
    shares = [sum(b["image"].shape[1:3] == f.input for b in made) / 70 for f in CANVASES]
    np.testing.assert_allclose(shares, [4 / 7, 2 / 7, 1 / 7], atol=0.05)


@pytest.mark.parametrize("options", [{"num_threads": 0}, {"num_threads": 5}])
def test_the_step_is_the_position_with_several_frames_too(source, options):
    whole, rest = batches(source, 12), batches(source, 5, start_step=7, **options)
    for a, b in zip(whole[7:], rest, strict=True):
        for name in a:
            np.testing.assert_array_equal(a[name], b[name])


def test_two_processes_see_together_what_one_sees(source):
    together = batches(source, 8, batch_size=4)
    halves = [batches(source, 8, process_index=k, process_count=2) for k in range(2)]
    for whole, *parts in zip(together, *halves, strict=True):
        merged = np.stack([part["index"] for part in parts], axis=1).ravel()
        np.testing.assert_array_equal(whole["index"], merged)


def test_evaluation_has_every_image_once_without_bars(source):
    made = list(eval_batches(source, batch_size=2, canvases=CANVASES))
    seen = np.concatenate([batch["index"] for batch in made])
    assert sorted(seen[seen >= 0]) == list(range(7))
    square = made[-1]
    assert square["image"].shape[1:3] == SQUARE.input
    assert square["mask"][0].all()
    assert not square["mask"][1].any()  # fills the batch


def test_a_run_trains_scores_and_predicts_in_the_frames_of_its_config(tmp_path, rng):
    for name, size in (("wide", (48, 64)), ("tall", (64, 48))):
        counts = {"train": 8, "validation": 3}
        prepare_synthetic(name, data_dir=tmp_path, spec=SceneSpec(*size, subjects=2), counts=counts)
    config = tiny_config(tmp_path, epochs=4.0)
    config.data.update(train="wide,tall", validation="wide,tall", buckets=((40, 32),))
    scores = train(config, tmp_path / "run")
    assert np.isfinite(list(scores.values())).all()
    model = load_model(tmp_path / "run")
    assert [canvas.input for canvas in model.canvases] == [(32, 40), (40, 32)]
    assert model.to_canvas(np.zeros((90, 60, 3), np.uint8)).shape == (40, 32, 3)
    assert evaluate(model, "tall", "validation", data_dir=tmp_path, trials=0)["images"] == 3
    for number, size in enumerate([(60, 90), (90, 60), (70, 90)]):
        photo = rng.integers(0, 255, (*size, 3)).astype(np.uint8)
        Image.fromarray(photo).save(tmp_path / f"{number}.png")
    photos = sorted(tmp_path.glob("?.png"))
    result = predict_paths(model, photos, tmp_path / "out", batch_size=2)
    shapes = {path.stem: np.load(path).shape for path in result.written}
    assert shapes == {"0": (60, 90), "1": (90, 60), "2": (70, 90)}
