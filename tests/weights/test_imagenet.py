"""Keras' and torchvision's ImageNet backbones: full width, tiny pictures."""

import shutil
from functools import partial

import flax.linen as nn
import h5py
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference
from flax.traverse_util import flatten_dict
from safetensors.numpy import save_file
from torch_files import as_torchvision, write_old_torch, write_torch
from weight_files import RESNET50, VGG16, backbone_layers, write_keras

from samjax.errors import UserError
from samjax.models import SAM, stages
from samjax.models.normalization import normalize
from samjax.models.resnet import ResNet
from samjax.models.vgg import VGG
from samjax.weights import load, merge_pretrained

KERAS = {
    "vgg16": "vgg16_weights_{0}_dim_ordering_{0}_kernels_notop.h5",
    "resnet50": "resnet50_weights_{0}_dim_ordering_{0}_kernels_notop.h5",
}


@pytest.fixture(autouse=True)
def cleaned(tmp_path):
    """Files of full width take hundreds of megabytes; pytest would keep them."""
    yield
    shutil.rmtree(tmp_path)


@pytest.fixture(scope="module")
def layers():
    """Random backbones {name: layers}, a ResNet's convolutions without bias (as torchvision's)."""
    rng = np.random.default_rng(3)
    vgg, resnet = backbone_layers(VGG16, rng), backbone_layers(RESNET50, rng)
    for name, tensors in resnet.items():
        if len(tensors) == 2:
            resnet[name] = [tensors[0], np.zeros_like(tensors[1])]
    return {"vgg16": vgg, "resnet50": resnet}


def features(weights, image):
    """The backbone's output [h, w, C], normalised and strided as the weights say."""
    model, variables = weights.model, {k: v["backbone"] for k, v in weights.variables.items()}
    if model["backbone"] == "vgg16":
        module = VGG(stages.VGG16)
    else:
        norm = partial(nn.BatchNorm, use_running_average=True, epsilon=1e-5)
        module = ResNet(stages.RESNET50, norm, model["stride_on"])
    x = normalize(jnp.asarray(image[None]), model["normalization"])
    return np.asarray(jax.jit(module.apply)(variables, x)[0])


def assert_reference(weights, layers, image):
    normalized = getattr(reference, weights.model["normalization"])(image)
    if weights.model["backbone"] == "vgg16":
        expected = reference.vgg(normalized, layers)
    else:
        expected = reference.resnet(normalized, layers, weights.model["stride_on"])
    got = features(weights, image).transpose(2, 0, 1)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-4 * np.ptp(expected))


@pytest.fixture
def image(rng):
    return rng.integers(0, 256, (32, 40, 3), np.uint8)


@pytest.mark.parametrize("name", ["vgg16", "resnet50"])
def test_keras_files_in_both_orders_give_the_references_features(layers, tmp_path, image, name):
    loaded = []
    for order in ("th", "tf"):
        path = tmp_path / KERAS[name].format(order)
        write_keras(path, layers[name], order, keras2=name == "resnet50" and order == "tf")
        loaded.append(load(path))
        path.unlink()
    for a, b in zip(*(jax.tree.leaves(w.variables) for w in loaded), strict=True):
        np.testing.assert_array_equal(a, b)
    assert loaded[0].model["normalization"] == "caffe"
    assert loaded[0].model.get("stride_on", "1x1") == "1x1"
    assert_reference(loaded[0], layers[name], image)


@pytest.mark.parametrize("name", ["vgg16", "resnet50"])
def test_torchvision_files_of_every_format_give_the_references_features(
    layers, tmp_path, image, name
):
    tensors = as_torchvision(layers[name])
    write_torch(tmp_path / "new.pth", tensors)
    write_old_torch(tmp_path / "old.pth", tensors)
    write_old_torch(tmp_path / "older.pth", tensors, parameters=True)
    save_file(tensors, tmp_path / "w.safetensors")
    loaded = [load(path) for path in sorted(tmp_path.iterdir())]
    for weights in loaded[1:]:
        for a, b in zip(*(jax.tree.leaves(w.variables) for w in (weights, loaded[0])), strict=True):
            np.testing.assert_array_equal(a, b)
    assert loaded[0].model["normalization"] == "torchvision"
    assert loaded[0].model.get("stride_on", "3x3") == "3x3"
    assert_reference(loaded[0], layers[name], image)


@pytest.mark.parametrize(
    ("file", "order"),
    [
        ("vgg16.h5", "th"),
        ("vgg16.h5", "tf"),
        (KERAS["vgg16"].format("tf"), "th"),
        (KERAS["vgg16"].format("th"), "tf"),
        ("th_kernels_or_tf_kernels.h5", "tf"),
    ],
)
def test_doubt_about_the_order_of_kernels_is_refused(layers, tmp_path, file, order):
    few = {k: [t[:2, :2] if t.ndim == 4 else t for t in v] for k, v in layers["vgg16"].items()}
    few["block1_conv1"] = layers["vgg16"]["block1_conv1"]
    write_keras(tmp_path / file, few, order)
    with pytest.raises(UserError, match="cannot tell whether the kernels are reversed") as error:
        load(tmp_path / file)
    assert "\n" not in str(error.value)


def small(values, name="vgg16"):
    """The same names, tensors so small that their shapes are wrong."""
    return {k: [t.ravel()[:2] for t in v] for k, v in values[name].items()}


def test_other_networks_are_refused(layers, tmp_path):
    path = tmp_path / "x_th_kernels.h5"
    write_keras(path, small(layers) | {"block5_conv4": [np.ones(1), np.ones(1)]}, "th")
    with pytest.raises(UserError, match="VGG-19"):
        load(path)
    write_keras(path, {"dense_1": [np.ones(1), np.ones(1)]}, "th")
    with pytest.raises(UserError, match=r"expected layers block1_conv1 .* found input_1, dense_1"):
        load(path)


def test_a_missing_or_misplaced_tensor_is_named(layers, tmp_path):
    path = tmp_path / KERAS["vgg16"].format("th")
    few = small(layers) | {"block1_conv1": layers["vgg16"]["block1_conv1"]}
    write_keras(path, few, "th")
    with pytest.raises(UserError, match=r"block1_conv2_\w \(block1_conv2\) has shape \(2,\), exp"):
        load(path)
    with h5py.File(path, "r+") as file:
        names = list(file["block1_conv2"].attrs["weight_names"])
        file["block1_conv2"].attrs["weight_names"] = names[::-1]
    with pytest.raises(UserError, match=r"block1_conv2_\w of layer block1_conv2 stands in place"):
        load(path)


def test_a_missing_torchvision_tensor_is_named(layers, tmp_path):
    tensors = {k: v.ravel()[:2].copy() for k, v in as_torchvision(layers["vgg16"]).items()}
    save_file(tensors, tmp_path / "w.safetensors")
    with pytest.raises(UserError, match=r"features.0.\w+ has shape \(2,\), expected"):
        load(tmp_path / "w.safetensors")
    del tensors["features.0.weight"], tensors["features.0.bias"]
    save_file(tensors, tmp_path / "w.safetensors")
    with pytest.raises(UserError, match=r"tensor features.0.\w+ is missing"):
        load(tmp_path / "w.safetensors")


@pytest.mark.parametrize(
    "extra", [["features.1.weight"], ["features.30.weight"], ["layer3.6.conv1.weight"]]
)
def test_vgg_with_norm_vgg19_and_larger_resnets_are_refused(tmp_path, extra):
    names = ["features.28.weight"] if "features" in extra[0] else ["layer4.2.conv3.weight"]
    save_file({n: np.zeros(1, np.float32) for n in names + extra}, tmp_path / "w.safetensors")
    with pytest.raises(UserError, match="expected torchvision's vgg16"):
        load(tmp_path / "w.safetensors")


def test_a_backbone_is_grafted_only_on_the_model_it_was_made_for(layers, tmp_path):
    write_torch(tmp_path / "w.pth", as_torchvision(layers["resnet50"]))
    weights = load(tmp_path / "w.pth")
    fields = {**RESNET50, **weights.model}
    model = SAM(**fields)
    variables = jax.eval_shape(model.init, jax.random.key(0), jnp.zeros((1, 32, 32, 3)))
    grafted = flatten_dict(merge_pretrained(variables, weights, model))
    own = {p for p, leaf in grafted.items() if isinstance(leaf, np.ndarray)}
    assert own == {p for p in grafted if p[1] == "backbone"}
    for field, value in (("stride_on", "1x1"), ("normalization", "caffe"), ("backbone", "vgg16")):
        with pytest.raises(UserError, match=f"set --config.model.{field}="):
            merge_pretrained(variables, weights, SAM(**{**fields, field: value}))
