"""Keras' ImageNet backbones: random files give the reference's features."""

import h5py
import numpy as np
import pytest
from backbone_features import assert_reference, assert_same_variables, imagenet_layers
from weight_files import write_keras

from samjax.errors import UserError
from samjax.weights import load

FILES = {
    "vgg16": "vgg16_weights_{0}_dim_ordering_{0}_kernels_notop.h5",
    "resnet50": "resnet50_weights_{0}_dim_ordering_{0}_kernels_notop.h5",
}


@pytest.mark.parametrize("name", FILES)
def test_files_in_both_orders_give_the_references_features(width, tmp_path, rng, name):
    layers = imagenet_layers(name)
    loaded = []
    for order in ("th", "tf"):
        path = tmp_path / FILES[name].format(order)
        write_keras(path, layers, order, keras2=name == "resnet50" and order == "tf")
        loaded.append(load(path))
        path.unlink()  # at full width it takes a hundred megabytes, which pytest would keep
    assert_same_variables(*loaded)
    assert loaded[0].model["normalization"] == "caffe"
    assert loaded[0].model.get("stride_on", "1x1") == "1x1"
    assert_reference(loaded[0], layers, rng.integers(0, 256, (32, 40, 3), np.uint8))


@pytest.fixture(scope="module")
def first_layer():
    rng = np.random.default_rng(0)
    return [rng.normal(size=(64, 3, 3, 3)).astype("f4"), np.zeros(64, "f4")]


@pytest.fixture
def vgg(first_layer):
    """Layers of VGG-16 with wrong shapes, but for the first one."""
    names = [f"block{b}_conv{k}" for b, n in enumerate((2, 2, 3, 3, 3), 1) for k in range(1, n + 1)]
    small = [np.ones(2, np.float32), np.ones(2, np.float32)]
    return dict.fromkeys(names, small) | {"block1_conv1": first_layer}


@pytest.mark.parametrize(
    ("file", "order"),
    [
        ("vgg16.h5", "th"),
        ("vgg16.h5", "tf"),
        (FILES["vgg16"].format("tf"), "th"),
        (FILES["vgg16"].format("th"), "tf"),
        ("th_kernels_or_tf_kernels.h5", "tf"),
    ],
)
def test_doubt_about_the_order_of_kernels_is_refused(vgg, tmp_path, file, order):
    write_keras(tmp_path / file, vgg, order)
    with pytest.raises(UserError, match="cannot tell whether the kernels are reversed") as error:
        load(tmp_path / file)
    assert "\n" not in str(error.value)


def test_other_networks_are_refused(vgg, tmp_path):
    path = tmp_path / "x_th_kernels.h5"
    write_keras(path, vgg | {"block5_conv4": [np.ones(1), np.ones(1)]}, "th")
    with pytest.raises(UserError, match="VGG-19"):
        load(path)
    write_keras(path, {"dense_1": [np.ones(1), np.ones(1)]}, "th")
    with pytest.raises(UserError, match=r"expected layers block1_conv1 .* found input_1, dense_1"):
        load(path)


def test_a_missing_or_misplaced_tensor_is_named(narrow, vgg, tmp_path):
    path = tmp_path / FILES["vgg16"].format("th")
    write_keras(path, vgg, "th")
    with pytest.raises(UserError, match=r"block1_conv2_\w \(block1_conv2\) has shape \(2,\), exp"):
        load(path)
    with h5py.File(path, "r+") as file:
        names = list(file["block1_conv2"].attrs["weight_names"])
        file["block1_conv2"].attrs["weight_names"] = names[::-1]
    with pytest.raises(UserError, match=r"block1_conv2_\w of layer block1_conv2 stands in place"):
        load(path)
