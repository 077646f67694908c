"""`samjax predict` runs files of the original's layout: both versions, both group layouts.

The output is checked against an independent network in NumPy and direct definitions of what the
release does before and behind it.
"""

from contextlib import nullcontext

import cv2
import jax
import numpy as np
import pytest
import reference
from PIL import Image
from scipy.ndimage import gaussian_filter
from weight_files import narrow_networks, random_layers, released, write_original

from samjax.cli import main
from samjax.models import SAM
from samjax.weights import load


@pytest.fixture
def width(request):
    """Whether the released networks are narrow or as wide as they are."""
    with narrow_networks() if request.param == "narrow" else nullcontext():
        yield request.param


def on_canvas(image: np.ndarray) -> np.ndarray:
    """An image wider than 4:3 in the middle of 240 x 320 pixels."""
    height, width = image.shape[:2]
    rows = height * 320 // width
    canvas = np.zeros((240, 320, 3), np.uint8)
    top = (240 - rows) // 2
    canvas[top : top + rows] = cv2.resize(image, (320, rows))
    return canvas


def enlarged(saliency: np.ndarray, height: int, width: int) -> np.ndarray:
    """Enlarged until it covers the image, cut, blurred, 0..255."""
    large = cv2.resize(saliency / saliency.max() * 255, (width, 480 * width // 640))
    first = (large.shape[0] - height) // 2
    blurred = gaussian_filter(large[first : first + height], 7)
    return blurred / blurred.max() * 255


@pytest.mark.parametrize(
    ("width", "backbone", "under_model_weights"),
    [
        ("narrow", "vgg16", False),
        pytest.param("narrow", "resnet50", True, marks=pytest.mark.slow),
        pytest.param("full", "vgg16", False, marks=pytest.mark.slow),
    ],
    indirect=["width"],
)
def test_a_file_of_the_originals_gives_the_releases_maps(
    width, backbone, under_model_weights, tmp_path, rng
):
    weights = tmp_path / "sam.pkl"
    layers = random_layers(released(backbone), rng)
    write_original(weights, released(backbone), layers, under_model_weights)
    image = cv2.GaussianBlur(rng.integers(0, 256, (150, 260, 3)).astype(np.uint8), None, 3)
    Image.fromarray(image).save(tmp_path / "photo.png")
    command = ["predict", "--weights", str(weights), "--postprocess=paper"]
    command += ["--output", str(tmp_path / "out"), str(tmp_path / "photo.png")]
    assert main(command) == 0
    if width == "narrow":
        saliency = reference.sam(on_canvas(image), layers, timesteps=4)["map"]
    else:  # NumPy takes minutes for it; tests/models hold the network against the reference
        read = load(weights)
        network = jax.jit(SAM(**read.model).apply)
        output = network(read.variables, on_canvas(image)[None])
        saliency = np.asarray(output.saliency[0], np.float64)
    weights.unlink()  # at full width it takes hundreds of megabytes, which pytest would keep
    expected = enlarged(saliency, 150, 260)
    actual = np.load(tmp_path / "out" / "photo.npy")
    assert actual.shape == expected.shape == (150, 260)
    assert expected.std() > 1
    # Of a grey level. Float32 loses some 1e-6 of the range in some 60 layers, that is 3e-4 of 255;
    # a pixel that is cut elsewhere or a blur with another sigma changes more than a level.
    np.testing.assert_allclose(actual, expected, atol=0.1)
