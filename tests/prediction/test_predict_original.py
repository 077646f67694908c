"""`samjax predict` runs files of the original's layout: both versions, both group layouts.

The output is checked against the network itself and direct definitions of what the release does
before and behind it.
"""

import shutil

import cv2
import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter
from weight_files import RESNET50, VGG16, random_layers, write_original

from samjax.cli import main
from samjax.models import SAM
from samjax.weights import load


@pytest.fixture(autouse=True)
def cleaned(tmp_path):
    """Files of full width take hundreds of megabytes; pytest would keep them."""
    yield
    shutil.rmtree(tmp_path)


def released_maps(path, image: np.ndarray) -> np.ndarray:
    """Framed, predicted, enlarged, cut, blurred, 0..255; an image wider than 4:3."""
    height, width = image.shape[:2]
    rows = height * 320 // width
    on_canvas = np.zeros((240, 320, 3), np.uint8)
    top = (240 - rows) // 2
    on_canvas[top : top + rows] = cv2.resize(image, (320, rows))
    read = load(path)
    output = SAM(**read.model).apply(read.variables, on_canvas[None])
    saliency = np.asarray(output.saliency[0], np.float64)
    large = cv2.resize(saliency / saliency.max() * 255, (width, 480 * width // 640))
    first = (large.shape[0] - height) // 2
    blurred = gaussian_filter(large[first : first + height], 7)
    return blurred / blurred.max() * 255


@pytest.mark.parametrize(
    ("fields", "under_model_weights"), [(VGG16, False), (RESNET50, True)], ids=["vgg", "resnet"]
)
def test_a_file_of_the_originals_gives_the_releases_maps(
    fields, under_model_weights, tmp_path, rng, capsys
):
    weights = tmp_path / "sam.pkl"
    write_original(weights, fields, random_layers(fields, rng), under_model_weights)
    image = cv2.GaussianBlur(rng.integers(0, 256, (150, 260, 3)).astype(np.uint8), None, 3)
    Image.fromarray(image).save(tmp_path / "photo.png")
    command = ["predict", "--weights", str(weights), "--postprocess=paper", "--batch_size=1"]
    command += ["--output", str(tmp_path / "out"), str(tmp_path / "photo.png")]
    assert main(command) == 0
    capsys.readouterr()
    got, wanted = np.load(tmp_path / "out" / "photo.npy"), released_maps(weights, image)
    assert got.shape == wanted.shape == (150, 260)
    assert wanted.std() > 1
    np.testing.assert_allclose(got, wanted, atol=0.1)
