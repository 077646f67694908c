"""Files with the fixations of one image: read as what they are where that is certain."""

import io
import struct
import zlib

import h5py
import numpy as np
import pytest
import scipy.sparse
from raw_files import corners, mat, put
from table_files import blurred, encoded

from samjax.data.raw import fixation_text
from samjax.data.raw.fixation_files import FixationFile
from samjax.data.raw.tree import Tree
from samjax.data.raw.units import Units
from samjax.errors import UserError

HEIGHT, WIDTH = 60, 80
PLACES = corners(HEIGHT, WIDTH)
PLACES[2] = [7, 33]
READER = FixationFile()


def read(folder, name, reader=READER) -> list:
    points, _ = reader.read(Tree(folder), name, HEIGHT, WIDTH)
    return points.xy.tolist()


def counts(height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Return a map with 1 at three places; the same fractions of the image at any size."""
    cells = np.zeros((height, width), np.uint8)
    cells[[height // 6, height // 2, height - 1], [width // 4, width // 2, width - 1]] = 1
    return cells


def npy(folder, array, name="a.npy"):
    content = io.BytesIO()
    np.save(content, array)
    put(folder / name, content.getvalue())


def places(array: np.ndarray) -> list:
    rows, columns = array.nonzero()
    return np.stack([columns, rows], -1).tolist()


LISTS = {
    "list": PLACES,
    "of whole numbers": PLACES.astype(np.uint8),
    "single": PLACES[0],
    "empty": np.zeros((0, 0)),
}


@pytest.mark.parametrize("kind", LISTS)
def test_lists_of_positions_are_read(tmp_path, kind):
    npy(tmp_path, LISTS[kind])
    assert read(tmp_path, "a.npy") == np.reshape(LISTS[kind], (-1, 2)).tolist()


def test_a_long_list_that_lies_is_turned(tmp_path):
    many = np.arange(14.0).reshape(7, 2)
    npy(tmp_path, many.T)
    assert read(tmp_path, "a.npy") == many.tolist()


@pytest.mark.parametrize("ending", ["npy", "png", "bmp", "mat"])
def test_a_map_of_half_the_size_has_its_pixels_centres(tmp_path, ending):
    half = counts(HEIGHT // 2, WIDTH // 2)
    if ending == "npy":
        npy(tmp_path, half)
    elif ending == "mat":
        mat(tmp_path / "a.mat", fixLocs=half, I=half)
    else:
        put(tmp_path / f"a.{ending}", encoded(half * 255, f".{ending}"))
    expected = 2 * np.array(places(half)) + 0.5
    assert read(tmp_path, f"a.{ending}") == expected.tolist()


def test_a_map_of_counts_has_each_fixation(tmp_path):
    cells = counts()
    cells[10, 20] = 3
    npy(tmp_path, cells)
    assert len(read(tmp_path, "a.npy")) == 5
    npy(tmp_path, cells[None].astype(np.float64))
    assert len(read(tmp_path, "a.npy")) == 5


def test_a_map_saved_as_jpeg_has_its_points_alone(tmp_path):
    put(tmp_path / "a.JPG", encoded(counts() * 255, ".jpg"))
    assert read(tmp_path, "a.JPG") == places(counts())


def test_a_sparse_map_is_that_of_the_full_one(tmp_path):
    mat(tmp_path / "a.mat", fixLocs=scipy.sparse.csc_matrix(counts()))
    mat(tmp_path / "b.mat", fixLocs=counts())
    assert read(tmp_path, "a.mat") == read(tmp_path, "b.mat") == places(counts())


def test_a_file_of_salicon_is_read_from_1(tmp_path):
    kinds = [("location", "O"), ("timestamp", "O"), ("fixations", "O")]
    workers = [(np.array([[9, 9]]), np.array([[0.1]]), PLACES[k:] + 1) for k in (0, 1)]
    gaze = np.array([tuple(worker) for worker in workers], dtype=kinds)
    mat(tmp_path / "a.mat", image="a", resolution=[HEIGHT, WIDTH], gaze=gaze)
    points, _ = READER.read(Tree(tmp_path), "a.mat", HEIGHT, WIDTH)
    assert points.xy.tolist() == [*PLACES.tolist(), *PLACES[1:].tolist()]
    assert points.subject.tolist() == [0, 0, 0, 1, 1]
    mat(tmp_path / "a.mat", image="a", resolution=[WIDTH, HEIGHT], gaze=gaze)
    with pytest.raises(UserError, match="resolution"):
        read(tmp_path, "a.mat")


WRONG = {
    "a column too many": (np.c_[np.arange(20), np.arange(20), np.arange(20)], "which of its"),
    "four numbers": (np.arange(4.0)[:, None], "4 x 1"),
    "exchanged axes": (counts().T, "axes are exchanged"),
    "another aspect": (counts(50, 50), "aspects differ"),
    "a column of pixels too many": (counts(HEIGHT, WIDTH + 1), "columns too many"),
    "a density": (blurred(HEIGHT, WIDTH), "areas, not points"),
    "a mask": (np.pad(np.ones((20, 20)), 20)[:HEIGHT, :WIDTH], "axes|areas|aspects"),
    "inverted": (1 - counts(), "areas, not points"),
    "logarithms": (-1.0 * counts(), "negative"),
    "nan": (np.where(counts(), np.nan, 0), "nan"),
    "objects": (np.array([{}, 1], object), "pickled"),
    "complex": (PLACES.astype(complex), "no numbers"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_an_array_that_is_no_list_and_no_map_is_refused(tmp_path, kind):
    array, says = WRONG[kind]
    npy(tmp_path, array)
    with pytest.raises(UserError, match=rf"a\.npy.*({says})"):
        read(tmp_path, "a.npy")


TEXTS = {
    "blanks": ("a.txt", b"# x y\n10.5 20\n30\t12\n"),
    "decimal commas": ("a.txt", b"10,5 20,0\n30,0 12,0\n"),
    "commas": ("a.txt", b"10.5, 20\n30,12\n"),
    "more columns": ("a.txt", b"10.5 20 200\n30 12 250\n"),
    "carriage returns": ("a.csv", b"x,y,subject\r10.5,20,1\r30,12,1\r"),
    "tab-separated": ("a.tsv", "X\tY\n10.5\t20\n30\t12\n".encode("utf-16")),
}


@pytest.mark.parametrize("kind", TEXTS)
def test_texts_are_read_in_their_dialects(tmp_path, kind):
    name, content = TEXTS[kind]
    put(tmp_path / name, content)
    assert read(tmp_path, name) == [[10.5, 20], [30, 12]]


BROKEN = {
    "without x": ("a.csv", b"left,top\n1,2\n", "lacks the column x"),
    "no number": ("a.csv", b"x,y\n1,two\n", "line 2: y 'two'"),
    "an order beyond 32 bit": ("a.csv", b"x,y,order\n1,2,4294967296\n", "order"),
    "one column": ("a.txt", b"1\n2\n", "one column"),
    "numbered lines": ("a.txt", b"1 9 9\n2 8 8\n3 7 7\n", "counts the lines"),
    "no array": ("a.npy", b"no array", "a.npy"),
    "no MATLAB": ("a.mat", b"no matlab", "a.mat cannot be read as a MATLAB file"),
    "no picture": ("a.png", b"\x89PNG", "a.png"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_damaged_file_is_named(tmp_path, kind):
    name, content, says = BROKEN[kind]
    put(tmp_path / name, content)
    with pytest.raises(UserError, match=says):
        read(tmp_path, name)


def test_several_variables_of_which_none_is_named_are_refused(tmp_path):
    mat(tmp_path / "a.mat", first=counts(), second=counts())
    with pytest.raises(UserError, match="2 variables, first, second"):
        read(tmp_path, "a.mat")


def test_units_hold_for_lists_and_not_for_maps(tmp_path):
    reader = FixationFile(Units.parse("one-based"))
    npy(tmp_path, PLACES + 1)
    assert read(tmp_path, "a.npy", reader) == PLACES.tolist()
    npy(tmp_path, counts(), "map.npy")
    assert read(tmp_path, "map.npy", reader) == places(counts())


def element(kind: int, data: bytes) -> bytes:
    return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)


def matrix(matrix_class: int, shape: tuple, content: bytes, name: bytes = b"fix") -> bytes:
    head = element(6, struct.pack("<II", matrix_class, 0))
    sizes = element(5, struct.pack("<2i", *shape))
    return element(14, head + sizes + element(1, name) + content)


def nested(levels: int) -> bytes:
    inner = matrix(6, (1, 2), element(9, struct.pack("<2d", 3, 4)), b"")
    for _ in range(levels):
        inner = matrix(1, (1, 1), inner, b"")
    return inner


def packed_zeros(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9)
    head = struct.pack("<II", 14, mebibytes * 2**20)
    packed = packer.compress(head) + packer.compress(bytes(mebibytes * 2**20)) + packer.flush()
    return struct.pack("<II", 15, len(packed)) + packed


MAT_HEADER = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x100) + b"IM"
HOSTILE = {
    "cells in cells without end": (nested(3000), "nested"),
    "a cell of a thousand million": (matrix(1, (2**15, 2**15), b""), "promises a matrix"),
    "a matrix beyond all memory": (matrix(6, (2**30, 2**30), element(9, bytes(16))), "promises"),
    "more bytes than there are": (matrix(6, (1, 2), struct.pack("<II", 9, 2**31)), "declares"),
    "a type that is none": (matrix(6, (1, 2), element(99, bytes(16))), "type 99"),
    "zeros that unpack": (packed_zeros(80), "unpacks to more"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_matlab_file_that_promises_too_much_is_refused_before_it_is_read(tmp_path, kind):
    content, says = HOSTILE[kind]
    put(tmp_path / "a.mat", MAT_HEADER + content)
    with pytest.raises(UserError, match=rf"a\.mat.*{says}"):
        read(tmp_path, "a.mat")


def test_a_new_matlab_file_gives_no_other_file_and_no_terabytes(tmp_path):
    options = {
        "external": {"shape": (60, 80), "dtype": "u1", "external": [("/etc/hostname", 0, 4800)]},
        "promises": {"shape": (10**6, 10**6), "dtype": "f8", "chunks": (99, 99)},
    }
    for says, dataset in options.items():
        with h5py.File(tmp_path / "a.mat", "w", userblock_size=512) as file:
            file.create_dataset("fixLocs", **dataset)
        with pytest.raises(UserError, match="another file" if says == "external" else says):
            read(tmp_path, "a.mat")


def test_a_table_of_millions_of_rows_for_one_image_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(fixation_text, "MAX_ROWS", 3)
    for name, head in (("a.csv", b"x,y\n"), ("a.txt", b"")):
        put(tmp_path / name, head + b"1,2\n" * 4)
        with pytest.raises(UserError, match="more than 3"):
            read(tmp_path, name)
