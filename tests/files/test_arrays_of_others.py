"""Files of arrays that declare too much, or are damaged, take no memory and end no process."""

import io
import struct
import tracemalloc
import zipfile
import zlib

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse

from samjax.errors import UserError
from samjax.files import hdf5
from samjax.files.limits import check_array
from samjax.files.matlab import matrices, read_mat
from samjax.files.matlab5 import unpacked
from samjax.files.npy import npz_members, read_npy

TERABYTE = (1 << 20, 1 << 17)  # of float64


@pytest.fixture
def little_memory():
    """Fails if Python's allocators gave out more than 64 MiB."""
    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**26


def npy(shape, dtype="<f8", data=b"") -> bytes:
    stream = io.BytesIO()
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue() + data


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["<f4", ">f8", "|u1", "|b1", "<f2"])
def test_npy_is_read(rng, dtype, order):
    array = np.asarray(rng.integers(0, 2, (3, 5)).astype(dtype), order=order)
    stream = io.BytesIO()
    np.save(stream, array)
    stream.seek(0)
    np.testing.assert_array_equal(read_npy(stream), array)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (npy(TERABYTE), "declares an array of 1048576 x 131072 float64, 1,048,576 MiB"),
        (npy((4, 4)), "cut off: 0 bytes of an array of 128"),
        (npy((-1, 4)), "of the shape"),
        (npy((2,), "|O"), "never opened"),
        (b"", "header"),
        (b"\x93NUMPY\x01\x00\x08\x00((((((((", "header"),
        (npy((4, 4))[:40], "header"),
    ],
)
def test_npy_that_is_none_is_told(little_memory, data, says):
    with pytest.raises(ValueError, match=says):
        read_npy(io.BytesIO(data))


def test_npz_is_read_member_by_member(tmp_path, little_memory):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("good.npy", npy((2,), "<f8", struct.pack("<2d", 1, 2)))
        archive.writestr("bomb.npy", npy(TERABYTE, data=bytes(10_000)))
    members = npz_members(path)
    assert members["good"]().tolist() == [1, 2]
    with pytest.raises(ValueError, match=r"'bomb\.npy' cannot be read: it declares"):
        members["bomb"]()


def test_npz_with_a_wrong_checksum_is_told(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.arange(6.0))
    data = bytearray((tmp_path / "a.npz").read_bytes())
    place = data.index(struct.pack("<d", 4.0))
    data[place : place + 8] = struct.pack("<d", 5.0)
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(ValueError, match=r"'a\.npy' cannot be read"):
        npz_members(tmp_path / "a.npz")["a"]()


def mat(variables, **options) -> bytes:
    stream = io.BytesIO()
    scipy.io.savemat(stream, variables, **options)
    return stream.getvalue()


VARIABLES = {
    "map": np.arange(12.0).reshape(3, 4),
    "text": "a name",
    "struct": {"inner": np.eye(3), "text": "x"},
    "cell": np.array([np.ones((2, 5)), "y"], dtype=object),
    "sparse": scipy.sparse.csc_matrix(np.eye(4)),
}


@pytest.mark.parametrize("compressed", [False, True])
def test_mat_is_read_as_scipy_does(compressed):
    data = mat(VARIABLES, do_compression=compressed)
    ours, theirs = read_mat(data), scipy.io.loadmat(io.BytesIO(data))
    assert set(ours) == set(VARIABLES)
    np.testing.assert_array_equal(ours["map"], theirs["map"])
    found = dict(pair for name, value in ours.items() for pair in matrices(value, name))
    assert {name: array.shape for name, array in found.items()} == {
        "map": (3, 4),
        "inner": (3, 3),
        "cell": (2, 5),
        "sparse": (4, 4),
    }


def test_mat_of_version_4_is_read():
    data = mat({"map": np.eye(3)}, format="4")
    np.testing.assert_array_equal(read_mat(data)["map"], np.eye(3))


def test_mat_that_unpacks_to_too_much_is_told(little_memory):
    packed = zlib.compress(bytes(2**25), 9)
    element = struct.pack("<II", 15, len(packed)) + packed
    with pytest.raises(ValueError, match="unpacks to more than 1 MiB"):
        unpacked(mat({})[:128] + element, 2**20)


@pytest.mark.parametrize("place", [176, 177, 179])
def test_mat_with_a_type_that_ends_scipys_process_is_told(place):
    data = bytearray(mat({"map": np.ones((4, 6), np.float32)}))
    assert data[176] == 7  # the type of the values: single
    data[place] = 0xF8
    with pytest.raises(ValueError, match=r"type|bytes"):
        read_mat(bytes(data))


def test_a_sparse_matrix_is_filled_only_if_it_is_small(little_memory):
    data = mat({"map": scipy.sparse.csc_matrix((10**6, 10**6))})
    with pytest.raises(ValueError, match="declares an array of 1000000 x 1000000"):
        list(matrices(read_mat(data)["map"]))


def hdf5_file(tmp_path, fill):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        fill(file)
    return tmp_path / "a.h5"


def first_array(path):
    with hdf5.opened(path, path) as file:
        return {name: hdf5.read_array(node) for name, node in hdf5.arrays(file, path)}


def external_storage(file):
    file.create_dataset("map", (4, 4), "f4", external=[("/etc/passwd", 0, 64)])


def virtual(file):
    layout = h5py.VirtualLayout((4, 4), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4, 4))
    file.create_virtual_dataset("map", layout)


def external_link(file):
    file["map"] = h5py.ExternalLink("/etc/passwd", "/x")


def soft_link(file):
    file["map"] = h5py.SoftLink("/elsewhere")


@pytest.mark.parametrize("fill", [external_storage, virtual, external_link, soft_link])
def test_hdf5_does_not_reach_beyond_itself(tmp_path, fill):
    with pytest.raises(UserError, match=r"map .*refused"):
        first_array(hdf5_file(tmp_path, fill))


def test_hdf5_that_declares_too_much_is_told(tmp_path, little_memory):
    path = hdf5_file(tmp_path, lambda file: file.create_dataset("map", TERABYTE, "f8"))
    with pytest.raises(ValueError, match="1,048,576 MiB"):
        first_array(path)


def test_hdf5_groups_that_hold_themselves_end(tmp_path):
    def fill(file):
        file["group/map"] = np.eye(3)
        file["group/again"] = file["group"]
        file["#refs#/a"] = np.eye(4)
        file["text"] = "no numbers"

    assert {name: a.shape for name, a in first_array(hdf5_file(tmp_path, fill)).items()} == {
        "group/map": (3, 3)
    }


def test_a_sparse_matrix_of_matlab_73_is_read(tmp_path):
    matrix = scipy.sparse.csc_matrix(np.array([[0, 2, 0], [1, 0, 3.0]]))

    def fill(file):
        group = file.create_group("map")
        group.attrs["MATLAB_sparse"] = np.uint64(2)
        group["data"], group["ir"], group["jc"] = matrix.data, matrix.indices, matrix.indptr

    array = first_array(hdf5_file(tmp_path, fill))["map"]
    np.testing.assert_array_equal(array.T, matrix.toarray())


def test_a_size_is_what_an_array_takes():
    assert check_array((3, 4), np.dtype("f4")) == 48
    with pytest.raises(ValueError, match="at most 0 MiB"):
        check_array((3, 4), np.dtype("f4"), 47)
