"""Random weights, and files of them in the layouts that the outside world uses."""

import json
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import h5py
import numpy as np

from samjax.errors import UserError
from samjax.models import stages
from samjax.models.backbones import BACKBONES
from samjax.weights import PAPER, Pretrained, original, pretrained
from samjax.weights.layout import file_shape, layout
from samjax.weights.pretrained import shapes

VGG_TINY = {**PAPER, "backbone": "vgg_tiny", "features": 24, "gaussians": 4}
RESNET_TINY = {**PAPER, "backbone": "resnet_tiny", "features": 12, "gaussians": 4}
VGG16 = {**PAPER, "backbone": "vgg16"}
RESNET50 = {**PAPER, "backbone": "resnet50"}


# VGG-16 and ResNet-50 with few channels. The first convolution keeps its 64, by which the order of
# the kernels in Keras' files is known.
NARROW = {
    "vgg16": tuple(
        stage._replace(features=features)
        for stage, features in zip(stages.VGG16, (64, 8, 8, 8, 12), strict=True)
    ),
    "resnet50": stages.RESNET50._replace(
        stages=tuple(stage._replace(features=4) for stage in stages.RESNET50.stages)
    ),
}


@contextmanager
def narrow_networks() -> Iterator[None]:
    """Give the published networks few channels, so that their whole files are read in no time.

    Their layers, and so the names in their files, stay as they are.
    """
    backbones = {name: (BACKBONES[name][0], table) for name, table in NARROW.items()}
    with mock.patch.dict(BACKBONES, backbones), mock.patch.dict(PAPER, features=12, gaussians=4):
        pretrained._shapes.cache_clear()
        yield
    pretrained._shapes.cache_clear()


def released(backbone: str) -> dict:
    """Fields of a released network, inside `narrow_networks` of its narrow twin."""
    return {**PAPER, "backbone": backbone}


class Network(NamedTuple):
    """Fields of SAM, the same random weights as a file's tensors and as SAM's variables."""

    fields: dict
    layers: dict
    variables: dict


@lru_cache
def network(backbone: str) -> Network:
    fields = next(f for f in (VGG_TINY, RESNET_TINY) if f["backbone"] == backbone)
    layers = random_layers(fields, np.random.default_rng(7))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiny.pkl"
        write_original(path, fields, layers)
        return Network(fields, layers, original.load(path, fields).variables)


def tiny_weights(backbone: str = "vgg_tiny") -> Pretrained:
    """The weights of a tiny network as a file would give them."""
    fields, _, variables = network(backbone)
    return Pretrained("sam", variables, fields, "tiny.pkl", "ab" * 32)


def random_layers(fields: dict, rng: np.random.Generator) -> dict[str, list[np.ndarray]]:
    """{layer: tensors} that keep activations sane and let every part matter."""
    wanted, layers = shapes(fields), {}
    for layer, slots in layout(fields).items():
        tensors = []
        for slot in slots:
            shape = file_shape(wanted[slot.path], slot)
            tensors.append(_draw(layer, slot, shape, rng).astype(np.float32))
        if tensors:
            layers[layer] = tensors
    return layers


def _draw(layer, slot, shape, rng):
    normal = rng.standard_normal(shape, dtype=np.float32)
    if layer.startswith("learningprior"):  # some outside of the ranges to which SAM clips
        count = shape[0] // 4
        return np.concatenate([rng.uniform(0.1, 0.9, 2 * count), rng.uniform(0.02, 1, 2 * count)])
    if len(shape) == 4:
        gain = np.sqrt(2 / np.prod(shape[1:]))
        if layer in ("block1_conv1", "conv1"):
            gain /= 60  # the input is not standardised
        if layer == "attentiveconvlstm_1":
            gain *= 20 if slot.path[-1] == "W_kernel" else 1  # attention divides x by H W
            gain *= 3 if shape[0] == 1 else 1  # V_a: attention far from even
        return gain * normal
    if slot.name.endswith("branch2c_gamma"):  # or the sums of many blocks grow without end
        return rng.uniform(0.1, 0.4, shape)
    if slot.name.endswith(("_gamma", "_running_std")):
        return rng.uniform(0.4, 1.2, shape)
    return 0.1 * normal + (0.5 if slot.path[1] == "readout" else 0)


def write_original(path, fields, layers, under_model_weights=False):
    """A file as Keras 1.1 saves it, with an optimiser's group where the model itself is saved."""
    with h5py.File(path, "w") as file:
        root = file.create_group("model_weights") if under_model_weights else file
        table = layout(fields)
        root.attrs["layer_names"] = np.array([name.encode() for name in table])
        for name, slots in table.items():
            group = root.create_group(name)
            group.attrs["weight_names"] = np.array([slot.name.encode() for slot in slots])
            for slot, tensor in zip(slots, layers.get(name, ()), strict=True):
                group.create_dataset(slot.name, data=tensor)
        if under_model_weights:
            file.attrs["keras_version"] = "1.1.0"
            optimizer = file.create_group("optimizer_weights")
            optimizer.attrs["weight_names"] = np.array([b"param_0"])
            optimizer.create_dataset("param_0", data=np.full(3, np.nan, np.float32))


def backbone_layers(fields: dict, rng) -> dict[str, list[np.ndarray]]:
    """`random_layers` of the backbone only."""
    parts = ("block", "conv1", "bn", "res")
    return {k: v for k, v in random_layers(fields, rng).items() if k.startswith(parts)}


def write_keras(path, layers, order, keras2=False):
    """fchollet's layout: "th_kernels" as given, "tf_kernels" reversed and transposed."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([b"input_1", *(n.encode() for n in layers)])
        file.create_group("input_1").attrs["weight_names"] = np.array([])
        for layer, tensors in layers.items():
            group = file.create_group(layer)
            names = [
                _keras_name(layer, i, len(tensors), order, keras2) for i in range(len(tensors))
            ]
            group.attrs["weight_names"] = np.array([n.encode() for n in names])
            for name, tensor in zip(names, tensors, strict=True):
                if tensor.ndim == 4 and order == "tf":
                    tensor = tensor[:, :, ::-1, ::-1].transpose(2, 3, 1, 0)
                group.create_dataset(name, data=tensor)


def _keras_name(layer, i, count, order, keras2):
    if keras2:
        words = ("kernel", "bias") if count == 2 else (
            "gamma", "beta", "moving_mean", "moving_variance")  # fmt: skip
        return f"{layer}/{words[i]}:0"
    words = ("W", "b") if count == 2 else ("gamma", "beta", "running_mean", "running_std")
    return f"{layer}_{words[i]}" + ("_1:0" if order == "tf" else "")


def complaint(read, *args) -> str:
    """The one line in which a reader refuses; "" if it does not."""
    try:
        read(*args)
    except UserError as error:
        return _single(str(error))
    return ""


def _single(line: str) -> str:
    if "\n" in line:
        raise AssertionError(f"more than one line: {line}")
    return line


def safetensors_header(header: dict) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text
