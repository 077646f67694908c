"""torchvision's ImageNet backbones: random files give the reference's features."""

import numpy as np
import pytest
from backbone_features import assert_reference, assert_same_variables, imagenet_layers
from safetensors.numpy import save_file
from torch_files import as_torchvision, write_old_torch, write_torch

from samjax.errors import UserError
from samjax.weights import load


@pytest.mark.parametrize("name", ["vgg16", "resnet50"])
def test_files_of_every_format_give_the_references_features(width, tmp_path, rng, name):
    layers = imagenet_layers(name)
    tensors = as_torchvision(layers)
    write_torch(tmp_path / "new.pth", tensors)
    write_old_torch(tmp_path / "old.pth", tensors)
    write_old_torch(tmp_path / "older.pth", tensors, parameters=True)
    save_file(tensors, tmp_path / "w.safetensors")
    loaded = []
    for path in sorted(tmp_path.iterdir()):
        loaded.append(load(path))
        path.unlink()  # at full width it takes a hundred megabytes, which pytest would keep
    for weights in loaded[1:]:
        assert_same_variables(weights, loaded[0])
    assert loaded[0].model["normalization"] == "torchvision"
    assert loaded[0].model.get("stride_on", "3x3") == "3x3"
    assert_reference(loaded[0], layers, rng.integers(0, 256, (32, 40, 3), np.uint8))


def test_a_missing_tensor_is_named(narrow, tmp_path):
    layers = imagenet_layers("vgg16")
    tensors = {name: array.ravel()[:2].copy() for name, array in as_torchvision(layers).items()}
    save_file(tensors, tmp_path / "w.safetensors")
    with pytest.raises(UserError, match=r"features.0.\w+ has shape \(2,\), expected"):
        load(tmp_path / "w.safetensors")
    del tensors["features.0.weight"], tensors["features.0.bias"]
    save_file(tensors, tmp_path / "w.safetensors")
    with pytest.raises(UserError, match=r"tensor features.0.\w+ is missing"):
        load(tmp_path / "w.safetensors")


def test_a_bias_before_a_norm_is_refused(narrow, tmp_path):
    tensors = as_torchvision(imagenet_layers("resnet50"))
    save_file(tensors | {"conv1.bias": np.ones(64, np.float32)}, tmp_path / "w.safetensors")
    with pytest.raises(UserError, match=r"conv1.bias is not in torchvision's resnet50"):
        load(tmp_path / "w.safetensors")


@pytest.mark.parametrize(
    "extra", ["features.1.weight", "features.30.weight", "layer3.6.conv1.weight"]
)
def test_vgg_with_norm_vgg19_and_larger_resnets_are_refused(tmp_path, extra):
    name = "features.28.weight" if "features" in extra else "layer4.2.conv3.weight"
    tensors = {name: np.zeros(1, np.float32), extra: np.zeros(1, np.float32)}
    save_file(tensors, tmp_path / "w.safetensors")
    with pytest.raises(UserError, match="expected torchvision's vgg16"):
        load(tmp_path / "w.safetensors")
