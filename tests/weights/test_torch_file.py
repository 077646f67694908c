"""PyTorch's files are read as data: nothing in them runs."""

import pickle
import zipfile

import numpy as np
import pytest
from torch_files import Call, Name, Reference, dump, torch_tree, write_old_torch, write_torch
from weight_files import complaint

from samjax.errors import UserError
from samjax.weights.tensors import read
from samjax.weights.torch_file import read_torch


@pytest.fixture
def tensors(rng):
    return {
        "a.weight": rng.normal(size=(3, 2, 5, 5)).astype(np.float32),
        "a.bias": rng.normal(size=3).astype(np.float32),
        "count": np.array(7, np.int64),
    }


def read_all(path, tensors):
    """Reads the floats of a file."""
    for name, tensor in read_torch(path).items():
        if name in tensors and name != "count":
            read(tensor, tensors[name].shape)


WRITERS = [write_torch, write_old_torch]


@pytest.mark.parametrize("write", WRITERS)
def test_both_layouts_give_the_tensors(tmp_path, tensors, write):
    write(tmp_path / "w.pth", tensors)
    declared = read_torch(tmp_path / "w.pth")
    assert list(declared) == list(tensors)
    for name, tensor in declared.items():
        assert (tensor.shape, tensor.dtype) == (tensors[name].shape, tensors[name].dtype.name)
        np.testing.assert_array_equal(tensor.load(), tensors[name])


def test_strides_and_offsets_are_honoured(tmp_path):
    base = np.arange(24, dtype=np.float32)
    tree = torch_tree({"x": base})
    storage = tree["x"].arguments[0]
    rebuild = tree["x"].function
    tree = {"x": Call(rebuild, (storage, 1, (3, 4), (1, 5), False, ()))}
    write_torch(tmp_path / "w.pth", {"x": base}, dump(tree))
    expected = 1 + np.arange(3)[:, None] + 5 * np.arange(4)
    np.testing.assert_array_equal(read_torch(tmp_path / "w.pth")["x"].load(), expected)


def test_a_training_checkpoint_gives_its_state_dict(tmp_path, tensors):
    tree = {"epoch": 3, "state_dict": torch_tree(tensors)}
    write_torch(tmp_path / "w.pth", tensors, dump(tree))
    assert list(read_torch(tmp_path / "w.pth")) == list(tensors)


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("protocol", range(6))
def test_nothing_in_a_pickle_is_ever_called(tmp_path, protocol):
    target = tmp_path / "written"
    data = pickle.dumps({"x": Evil(target)}, protocol)
    write_torch(tmp_path / "w.pth", {}, data)
    (tmp_path / "plain.pkl").write_bytes(data)
    for path in (tmp_path / "w.pth", tmp_path / "plain.pkl"):
        with pytest.raises(UserError) as error:
            read_torch(path)
        assert "\n" not in str(error.value)
    assert not target.exists()


def test_foreign_objects_are_named(tmp_path):
    tree = {"x": Call(Name("os", "system"), ("true",))}
    write_torch(tmp_path / "w.pth", {}, dump(tree))
    with pytest.raises(UserError, match=r"x holds os\.system, expected a tensor"):
        read_torch(tmp_path / "w.pth")


def test_a_python_pickle_is_never_opened(tmp_path):
    (tmp_path / "w.pkl").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(UserError, match="a Python pickle, which could run code"):
        read_torch(tmp_path / "w.pkl")


def rebuilt(storage_size=4, offset=0, shape=(4,), strides=(1,), kind="FloatStorage"):
    storage = Reference(("storage", Name("torch", kind), "0", "cpu", storage_size))
    rebuild = Name("torch._utils", "_rebuild_tensor_v2")
    return dump({"x": Call(rebuild, (storage, offset, shape, strides, False, ()))})


@pytest.mark.parametrize(
    "pickled",
    [
        rebuilt(storage_size=1 << 39),
        rebuilt(storage_size=1 << 50),
        rebuilt(storage_size=-1),
        rebuilt(offset=2),
        rebuilt(offset=-2),
        rebuilt(strides=(2,)),
        rebuilt(strides=(-1,)),
        rebuilt(shape=(2, 2)),
        rebuilt(kind="QInt8Storage"),
        dump({"x": Call(Name("torch._utils", "_rebuild_tensor_v2"), (1, 2, 3, 4))}),
        dump({"x": Call(Name("torch._utils", "_rebuild_tensor_v2"), ())}),
        rebuilt(shape=4),
        rebuilt(shape=("4",)),
        dump([1, 2]),
        dump({(1, 2): 3}),
        b"\x80\x02}",
        b"\x80\x02].",
        b"",
        b"\x80\x02}(e.",
    ],
)
def test_hostile_pickles_are_told_in_one_line(tmp_path, pickled):
    write_torch(tmp_path / "w.pth", {"x": np.zeros(4, np.float32)}, pickled or b".")
    assert complaint(read_all, tmp_path / "w.pth", {"x": np.zeros(4)})


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("fraction", [0.02, 0.5, 0.98])
def test_a_truncated_file_is_told_in_one_line(tmp_path, tensors, write, fraction):
    path = tmp_path / "w.pth"
    write(path, tensors)
    data = path.read_bytes()
    path.write_bytes(data[: int(fraction * len(data))])
    assert complaint(read_all, path, tensors)


@pytest.mark.parametrize("write", WRITERS)
def test_damaged_bytes_never_give_anything_but_tensors_or_one_line(tmp_path, tensors, write, rng):
    path = tmp_path / "w.pth"
    write(path, tensors)
    data = path.read_bytes()
    for _ in range(100):
        damaged = bytearray(data)
        for position in rng.integers(0, len(data), 5):
            damaged[position] = rng.integers(256)
        path.write_bytes(damaged)
        complaint(read_all, path, tensors)  # anything else than a complaint fails here


def test_a_compressed_storage_is_refused(tmp_path):
    zeros = np.zeros(1 << 16, np.float32)
    with zipfile.ZipFile(tmp_path / "w.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", dump(torch_tree({"x": zeros})))
        archive.writestr("a/data/0", zeros.tobytes())
    with pytest.raises(UserError, match="expected 262144 bytes uncompressed"):
        read(read_torch(tmp_path / "w.pth")["x"], zeros.shape)
