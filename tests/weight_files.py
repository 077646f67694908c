"""Random weights, and files of them in the layouts that the outside world uses."""

import io
import json
import pickle
import struct
import tempfile
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np

from samjax.weights import PAPER, original
from samjax.weights.layout import file_shape, layout
from samjax.weights.loaded import shapes

VGG_TINY = {**PAPER, "backbone": "vgg_tiny", "features": 24, "gaussians": 4}
RESNET_TINY = {**PAPER, "backbone": "resnet_tiny", "features": 12, "gaussians": 4}
VGG16 = {**PAPER, "backbone": "vgg16"}
RESNET50 = {**PAPER, "backbone": "resnet50"}


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
            names = [_keras_name(layer, i, len(tensors), order, keras2) for i in range(len(tensors))]
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


class Name(NamedTuple):
    module: str
    name: str


class Call(NamedTuple):
    function: Name
    arguments: tuple


class Reference(NamedTuple):
    identifier: tuple


def dump(value) -> bytes:
    """A pickle of protocol 2 that mentions names which need not exist here."""
    memo: dict[Name, int] = {}

    def emit(v) -> bytes:
        match v:
            case Name() if v in memo:
                return b"h" + bytes([memo[v]])
            case Name():
                memo[v] = len(memo)
                return b"c" + f"{v.module}\n{v.name}\n".encode() + b"q" + bytes([memo[v]])
            case Call():
                return emit(v.function) + emit(v.arguments) + b"R"
            case Reference():
                return emit(v.identifier) + b"Q"
            case tuple():
                return b"(" + b"".join(map(emit, v)) + b"t"
            case list():
                return b"](" + b"".join(map(emit, v)) + b"e"
            case dict():
                items = b"".join(emit(k) + emit(x) for k, x in v.items())
                return emit(Call(Name("collections", "OrderedDict"), ())) + b"(" + items + b"u"
            case _:
                return pickle.dumps(v, 2)[2:-1]

    return b"\x80\x02" + emit(value) + b"."


def torch_tree(tensors: dict[str, np.ndarray], parameters=False) -> dict:
    """What `torch.save(state_dict)` pickles, storages numbered in order."""
    tree = {}
    for key, (name, array) in enumerate(tensors.items()):
        kind = {"float32": "FloatStorage", "int64": "LongStorage"}[array.dtype.name]
        storage = Reference(("storage", Name("torch", kind), str(key), "cpu", array.size))
        strides = tuple(s // array.itemsize for s in array.strides)
        hooks = Call(Name("collections", "OrderedDict"), ())
        rebuild = Name("torch._utils", "_rebuild_tensor_v2")
        call = Call(rebuild, (storage, 0, array.shape, strides, False, hooks))
        if parameters:
            call = Call(Name("torch._utils", "_rebuild_parameter"), (call, True, hooks))
        tree[name] = call
    return tree


def write_torch(path, tensors, pickled: bytes | None = None):
    """The zip layout, since PyTorch 1.6."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickled or dump(torch_tree(tensors)))
        for key, array in enumerate(tensors.values()):
            archive.writestr(f"archive/data/{key}", array.tobytes())
        archive.writestr("archive/version", "3\n")


def write_old_torch(path, tensors, parameters=False):
    """The layout before: pickles one after another, then the storages, out of order."""
    keys = [str(k) for k in range(len(tensors))][::-1]
    arrays = list(tensors.values())
    out = io.BytesIO()
    for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}):
        out.write(pickle.dumps(value, 2))
    out.write(dump(torch_tree(tensors, parameters)) + dump(keys))
    for key in keys:
        out.write(struct.pack("<q", arrays[int(key)].size) + arrays[int(key)].tobytes())
    Path(path).write_bytes(out.getvalue())


VGG16_POSITIONS = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)


def as_torchvision(layers: dict) -> dict[str, np.ndarray]:
    """The same weights under torchvision's names: cross-correlation kernels; a ResNet's
    convolutions without their biases."""
    tensors = {}
    if "block1_conv1" in layers:
        for position, (w, b) in zip(VGG16_POSITIONS, layers.values(), strict=True):
            tensors[f"features.{position}.weight"] = _reversed(w)
            tensors[f"features.{position}.bias"] = b
        return tensors | {"classifier.0.weight": np.ones((2, 2), np.float32)}
    for layer, values in layers.items():
        name = _torchvision_name(layer)
        if len(values) == 2:
            tensors[f"{name}.weight"] = _reversed(values[0])
        else:
            leaves = ("weight", "bias", "running_mean", "running_var")
            tensors |= {f"{name}.{s}": v for s, v in zip(leaves, values, strict=True)}
            tensors[f"{name}.num_batches_tracked"] = np.array(5, np.int64)
    return tensors | {"fc.bias": np.ones(2, np.float32)}


def _reversed(kernel):
    return np.ascontiguousarray(kernel[:, :, ::-1, ::-1])


def _torchvision_name(layer):
    kind = "bn" if layer.startswith("bn") else "conv"
    if "_branch" not in layer:
        return f"{kind}1"
    tag, branch = layer.removeprefix("res").removeprefix("bn").split("_branch")
    block = f"layer{int(tag[0]) - 1}.{'abcdef'.index(tag[1])}"
    if branch == "1":
        return f"{block}.downsample.{int(kind == 'bn')}"
    return f"{block}.{kind}{'abc'.index(branch[1]) + 1}"


def safetensors_header(header: dict) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text
