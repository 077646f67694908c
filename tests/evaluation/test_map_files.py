"""Maps of every format are read and matched by name."""

import cv2
import h5py
import numpy as np
import pytest
import scipy.io

from samjax.errors import UserError
from samjax.evaluation.map_files import read_map
from samjax.evaluation.map_matching import match_maps


@pytest.fixture
def saliency(rng):
    return rng.integers(1, 255, (12, 17)).astype(np.float32)


def save(path, values):
    suffix = path.suffix
    if suffix == ".npy":
        np.save(path, values)
    elif suffix == ".npz":
        np.savez(path, saliency=values, sigma=3.0)
    elif suffix == ".mat":
        scipy.io.savemat(path, {"map": values, "name": "x"})
    elif suffix == ".h5":
        with h5py.File(path, "w") as file:
            file["some/group"] = values
            file["scalar"] = 3
    else:
        cv2.imwrite(str(path), values)


@pytest.mark.parametrize(
    ("name", "dtype", "bits"),
    [("a.npy", np.float32, 32), ("a.npy", np.float16, 32), ("a.npy", np.uint8, 8),
     ("a.npz", np.float64, 32), ("a.mat", np.float64, 32), ("a.mat", np.uint8, 8),
     ("a.h5", np.float32, 32), ("a.png", np.uint8, 8), ("a.tiff", np.float32, 32),
     ("a.PNG", np.uint8, 8)],
)  # fmt: skip
def test_every_format_gives_its_values(tmp_path, saliency, name, dtype, bits):
    path = tmp_path / name
    save(path, saliency.astype(dtype))
    got = read_map(path)
    np.testing.assert_array_equal(got.values, saliency)
    assert got.values.dtype == np.float32
    assert bits == 32 or got.bits == bits


def test_16_bit_pictures_are_16_bit_unless_they_are_8_bit_ones(tmp_path, saliency):
    fine = (saliency * 256 + 7).astype(np.uint16)
    for values, bits in ((fine, 16), (saliency.astype(np.uint16) * 257, 8)):
        cv2.imwrite(str(tmp_path / "a.png"), values)
        got = read_map(tmp_path / "a.png")
        assert got.bits == bits
        np.testing.assert_array_equal(got.values, values)


def test_half_precision_that_densities_fall_through_is_as_coarse_as_8_bit(tmp_path, rng):
    values = rng.random((40, 50))
    for scale, bits in ((1.0, 16), (1e-6, 8)):
        np.save(tmp_path / "a.npy", (values * scale).astype(np.float16))
        assert read_map(tmp_path / "a.npy").bits == bits


def test_jpeg_and_colour_are_read_as_grey(tmp_path, saliency):
    smooth = cv2.GaussianBlur(saliency, (0, 0), 3).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "a.jpg"), smooth)
    assert np.abs(read_map(tmp_path / "a.jpg").values - smooth).max() < 8
    cv2.imwrite(str(tmp_path / "b.png"), np.stack([smooth] * 3 + [smooth * 0], -1))
    np.testing.assert_array_equal(read_map(tmp_path / "b.png").values, smooth)


def test_matlab_73_is_transposed_back(tmp_path, saliency):
    with h5py.File(tmp_path / "a.mat", "w", userblock_size=512) as file:
        file["map"] = saliency.T
    np.testing.assert_array_equal(read_map(tmp_path / "a.mat").values, saliency)


def test_the_array_named_like_the_image_is_taken(tmp_path, saliency):
    np.savez(tmp_path / "a.npz", a=saliency, b=saliency * 2)
    np.testing.assert_array_equal(read_map(tmp_path / "a.npz").values, saliency)
    np.savez(tmp_path / "c.npz", a=saliency, b=saliency * 2)
    with pytest.raises(UserError, match="2 arrays"):
        read_map(tmp_path / "c.npz")


@pytest.mark.parametrize("name", ["a.png", "a.npy", "a.npz", "a.mat", "a.h5", "a.jpg"])
@pytest.mark.parametrize("content", [b"", b"rubbish, and more of it" * 20])
def test_damaged_files_are_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=name):
        read_map(tmp_path / name)


def test_pickles_and_other_shapes_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "b.npy", np.zeros(5))
    for name in ("a.npy", "b.npy"):
        with pytest.raises(UserError, match=name):
            read_map(tmp_path / name)


def test_files_are_matched_by_stem(tmp_path, saliency):
    for name in ("a.npy", "a.png", "b.v2.png", "other.png", "notes.txt"):
        (save if name != "notes.txt" else lambda p, v: p.write_text(""))(tmp_path / name, saliency)
    got = match_maps(tmp_path, ["a", "b.v2", "c"])
    names = {image_id: [path.name for path in paths] for image_id, paths in got.files.items()}
    assert names == {"a": ["a.npy", "a.png"], "b.v2": ["b.v2.png"]}
    assert got.missing == ["c"]
    assert [p.name for p in got.surplus] == ["other.png"]


def test_no_match_is_an_error(tmp_path):
    with pytest.raises(UserError, match=r"c\.npy"):
        match_maps(tmp_path, ["c"])
    with pytest.raises(UserError, match="folder"):
        match_maps(tmp_path / "x", ["c"])
