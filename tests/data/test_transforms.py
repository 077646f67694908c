"""Augmentation changes the view and the colours, and keeps fixations on what was looked at."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from example_factory import decode, make_example
from table_files import encoded

from samjax.data.rendering import Render
from samjax.data.transforms import Augment, TrainTransform
from samjax.errors import UserError

FULL = Augment(flip=True, zoom=(0.6, 1.7), brightness=0.2, contrast=0.2, saturation=0.3, grey=0.2)


def marked(height: int, width: int, x: int, y: int, size: int) -> np.ndarray:
    """Mid-grey with a white square about (x, y)."""
    image = np.full((height, width, 3), 60, np.uint8)
    image[max(y - size, 0) : y + size + 1, max(x - size, 0) : x + size + 1] = 255
    return image


AUGMENTS = {
    "none": Augment(),
    "flip": Augment(flip=True),
    "zoom in": Augment(zoom=(1.0, 2.0)),
    "zoom out": Augment(zoom=(0.5, 1.0)),
    "all": FULL,
}


@pytest.mark.parametrize("augment", AUGMENTS.values(), ids=AUGMENTS)
@pytest.mark.parametrize("size", [(121, 163), (211, 64)])
@pytest.mark.parametrize("stored", [1, 2])
def test_fixations_stay_on_the_marker(augment, size, stored):
    """`stored`: the file is that much smaller than the original the fixations refer to."""
    height, width = size
    x, y = width * 2 // 5, height // 3
    image = marked(height // stored, width // stored, x // stored, y // stored, size=5)
    scale = np.array([width / image.shape[1], height / image.shape[0]])
    point = (np.array([x // stored, y // stored]) + 0.5) * scale - 0.5
    whole = make_example(image, [point] * 4, height=height, width=width, sigma_px=1.0)
    transform = TrainTransform(Render((60, 80), (60, 80)), augment)
    shown = 0
    for seed in range(20):
        out = transform(decode(whole), np.random.default_rng(seed))
        assert out["counts"].sum() in (0, 4)
        assert out["counts"][~out["mask"]].sum() == 0
        if out["counts"].any():
            shown += 1
            row, column = np.argwhere(out["counts"])[0]
            middle = out["image"][..., 1][out["mask"]].astype(int)
            assert out["image"][row, column, 1] > np.median(middle) + 60
    assert shown >= 5


def test_without_zoom_every_fixation_is_counted(rng):
    points = rng.uniform(0, (79, 59), (50, 2))
    transform = TrainTransform(Render((30, 40), (15, 20)), Augment(flip=True, brightness=0.5))
    decoded = decode(make_example(np.zeros((60, 80, 3), np.uint8), points))
    for seed in range(5):
        assert transform(decoded, np.random.default_rng(seed))["counts"].sum() == 50


def test_flip_mirrors_half_of_the_examples():
    image = np.zeros((12, 16, 3), np.uint8)
    image[:, :4] = 200
    transform = TrainTransform(Render((12, 16), (12, 16)), Augment(flip=True))
    decoded = decode(make_example(image, [[1, 5]]))
    flipped = 0
    for seed in range(100):
        out = transform(decoded, np.random.default_rng(seed))
        assert out["counts"][5, 14 if out["image"][0, -1, 0] else 1] == 1
        flipped += out["image"][0, -1, 0] > 0
    assert 30 < flipped < 70


def test_no_augmentation_is_the_letterbox(rng):
    image = rng.integers(0, 255, (50, 90, 3), np.uint8)
    render = Render((24, 32), (12, 16))
    decoded = decode(make_example(image, rng.uniform(0, 49, (9, 2))), index=3)
    plain = TrainTransform(render, Augment())(decoded, np.random.default_rng(0))
    for name, value in render.letterboxed(decoded).items():
        np.testing.assert_array_equal(plain[name], value)
    assert plain["index"] == 3


def test_crops_and_turns_are_drawn_within_their_ranges(rng):
    example = make_example(b"", height=48, width=64)
    augment = Augment(crop=True, rotation=10.0)
    windows = [augment.window(example, (48, 64), (40, 40), rng) for _ in range(50)]
    angles = [window.angle for window in windows]
    assert -10 <= min(angles) < -5
    assert 5 < max(angles) <= 10
    assert all(replace(window, angle=0.0).mask(40, 40).all() for window in windows)
    assert len({round(window.left, 3) for window in windows}) > 5


def test_the_same_generator_gives_the_same_element(rng):
    image = rng.integers(0, 255, (50, 90, 3), np.uint8)
    transform = pickle.loads(pickle.dumps(TrainTransform(Render((24, 32), (12, 16)), FULL)))
    decoded = decode(make_example(image, [[20, 20]]))
    first, again, other = (transform(decoded, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first["image"], again["image"])
    assert (first["image"] != other["image"]).any()


def test_the_padding_stays_black_and_without_density(rng):
    image = np.full((50, 90, 3), 128, np.uint8)
    transform = TrainTransform(Render((24, 32), (24, 32)), FULL)
    decoded = decode(make_example(image, rng.uniform(0, 49, (30, 2))))
    for seed in range(30):
        out = transform(decoded, np.random.default_rng(seed))
        assert (out["image"][~out["mask"]] == 0).all()
        assert (out["density"][~out["mask"]] == 0).all()
        assert (out["density"] >= 0).all()


def test_colours_change_as_asked(rng):
    image = rng.integers(60, 190, (20, 20, 3), np.uint8)
    assert Augment().colour(image, rng) is image
    grey = Augment(grey=1.0).colour(image, rng)
    assert np.ptp(grey.astype(int), axis=-1).max() <= 1
    brighter = Augment(brightness=0.3).colour(image, np.random.default_rng(0)).mean()
    assert 0.7 <= brighter / image.mean() <= 1.3
    assert Augment(contrast=0.5).colour(image, rng).std() != pytest.approx(image.std(), rel=1e-3)
    saturated = Augment(saturation=0.5).colour(image, rng)
    assert saturated.mean() == pytest.approx(image.mean(), rel=0.05)


def test_a_published_density_goes_through_the_same_window():
    density = np.zeros((60, 80), np.uint16)
    density[30:40, 10:20] = 65535
    image = np.repeat((density // 257).astype(np.uint8)[..., None], 3, -1)
    whole = make_example(image, density=encoded(density))
    transform = TrainTransform(Render((60, 80), (60, 80)), Augment(flip=True, zoom=(0.7, 1.5)))
    for seed in range(10):
        out = transform(decode(whole), np.random.default_rng(seed))
        difference = out["density"] / 257 - out["image"][..., 0]
        assert np.abs(difference).max() <= 1
        assert out["counts"].sum() == 0


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"zoom": (0.0, 1.0)}, "zoom"),
        ({"zoom": (2.0, 1.0)}, "zoom"),
        ({"grey": 1.5}, "grey"),
        ({"brightness": -0.1}, "brightness"),
        ({"rotation": 50}, "rotation 50"),
    ],
)
def test_a_senseless_augmentation_is_refused(fields, named):
    with pytest.raises(UserError, match=named):
        Augment(**fields)
