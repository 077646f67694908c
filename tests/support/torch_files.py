"""Files as PyTorch writes them, without PyTorch: random weights under torchvision's names."""

import io
import pickle
import struct
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np


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
                start = emit(Call(Name("collections", "OrderedDict"), ()))
                return start + b"(" + b"".join(emit(k) + emit(x) for k, x in v.items()) + b"u"
            case str():
                return b"X" + struct.pack("<I", len(v.encode())) + v.encode()
            case _:
                return pickle.dumps(v, 2)[2:-1]

    return b"\x80\x02" + emit(value) + b"."


def torch_tree(tensors: dict[str, np.ndarray], parameters=False) -> dict:
    """What `torch.save(state_dict)` pickles, storages numbered in order."""
    tree = {}
    for key, (name, array) in enumerate(tensors.items()):
        kind = {"float32": "FloatStorage", "int64": "LongStorage"}[array.dtype.name]
        storage = Reference(("storage", Name("torch", kind), str(key), "cpu", array.size))
        strides = tuple(int(np.prod(array.shape[k + 1 :])) for k in range(array.ndim))
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
