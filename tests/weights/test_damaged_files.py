"""Damaged, foreign or hostile files of the original's layout: one line tells which tensor."""

import h5py
import numpy as np
import pytest
from weight_files import VGG_TINY, complaint, network, write_original

from samjax.errors import UserError
from samjax.weights import load, original


@pytest.fixture
def tiny(tmp_path):
    """A good SAM-VGG file of tiny widths, to be damaged."""
    path = tmp_path / "tiny.pkl"
    write_original(path, VGG_TINY, network("vgg_tiny").layers)
    return path


def read(path):
    return original.load(path, VGG_TINY)


def set_tensor(file, layer, name, value):
    del file[layer][name]
    file[layer].create_dataset(name, data=value)


def wrong_shape(file):
    set_tensor(file, "block2_conv1", "block2_conv1_W", np.zeros((12, 7, 3, 3), np.float32))


def integers(file):
    set_tensor(file, "block2_conv1", "block2_conv1_b", np.zeros(12, np.int32))


def not_a_number(file):
    file["block2_conv1"]["block2_conv1_b"][3] = np.nan


def too_large_for_float32(file):
    set_tensor(file, "block2_conv1", "block2_conv1_b", np.full(12, 1e300))


def huge(file):
    del file["block2_conv1"]["block2_conv1_W"]
    file["block2_conv1"].create_dataset("block2_conv1_W", (1 << 40, 3, 3, 3), "f4")


def missing_dataset(file):
    del file["block2_conv1"]["block2_conv1_W"]


def missing_group(file):
    del file["block2_conv1"]


def missing_layer(file):
    names = [n for n in file.attrs["layer_names"] if n != b"block2_conv1"]
    file.attrs["layer_names"] = np.array(names)


def renamed_layer(file):
    names = [b"other" if n == b"block2_conv1" else n for n in file.attrs["layer_names"]]
    file.move("block2_conv1", "other")
    file.attrs["layer_names"] = np.array(names)


def swapped(file):
    file["block2_conv1"].attrs["weight_names"] = [b"block2_conv1_b", b"block2_conv1_W"]


def too_few(file):
    file["block2_conv1"].attrs["weight_names"] = [b"block2_conv1_W"]


def external_link(file):
    del file["block2_conv1"]["block2_conv1_W"]
    file["block2_conv1"]["block2_conv1_W"] = h5py.ExternalLink("other.h5", "/secret")


def soft_link(file):
    del file["block2_conv1"]
    file["block2_conv1"] = h5py.SoftLink("/block1_conv1")


def external_storage(file):
    del file["block2_conv1"]["block2_conv1_W"]
    file["block2_conv1"].create_dataset(
        "block2_conv1_W", (12, 8, 3, 3), "f4", external=[("elsewhere.bin", 0, 12 * 8 * 9 * 4)]
    )


def virtual(file):
    del file["block2_conv1"]["block2_conv1_W"]
    layout = h5py.VirtualLayout((12, 8, 3, 3), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (12, 8, 3, 3))
    file["block2_conv1"].create_virtual_dataset("block2_conv1_W", layout)


def numbers_as_names(file):
    file.attrs["layer_names"] = np.arange(3)


def no_names(file):
    del file.attrs["layer_names"]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (wrong_shape, r"block2_conv1_W has shape \(12, 7, 3, 3\), expected \(12, 8, 3, 3\)"),
        (integers, "block2_conv1_b holds int32, expected float32"),
        (not_a_number, "block2_conv1_b holds values that are not finite"),
        (too_large_for_float32, "block2_conv1_b holds values that are not finite"),
        (huge, r"block2_conv1_W has shape \(1099511627776, 3, 3, 3\), expected \(12, 8, 3, 3\)"),
        (missing_dataset, "block2_conv1_W of /block2_conv1 is listed but missing"),
        (missing_group, "block2_conv1 of / is listed but missing"),
        (missing_layer, "layer block2_conv1 is missing, expected 2 tensors"),
        (renamed_layer, "layer other with weights is not in SAM's vgg_tiny"),
        (swapped, "block2_conv1_b stands where block2_conv1_W was expected"),
        (too_few, "layer block2_conv1 has 1 tensors, expected 2"),
        (external_link, "block2_conv1_W of /block2_conv1 is a link to elsewhere; refused"),
        (soft_link, "block2_conv1 of / is a link to elsewhere; refused"),
        (external_storage, "block2_conv1_W is stored in another file; refused"),
        (virtual, "block2_conv1_W is stored in another file; refused"),
        (numbers_as_names, "layer_names of / holds int64, expected names"),
        (no_names, "no attribute layer_names"),
    ],
)
def test_a_bad_file_is_told_in_one_line_that_names_the_tensor(tiny, damage, message):
    with h5py.File(tiny, "r+") as file:
        damage(file)
    with pytest.raises(UserError, match=message) as error:
        read(tiny)
    assert "\n" not in str(error.value)
    assert str(tiny) in str(error.value)


def test_a_negative_variance_is_refused(tmp_path):
    fields, layers, _ = network("resnet_tiny")
    bad = layers | {"bn_conv1": [*layers["bn_conv1"][:3], -np.ones(8, np.float32)]}
    write_original(tmp_path / "w.pkl", fields, bad)
    with pytest.raises(UserError, match="bn_conv1_running_std has negative values"):
        original.load(tmp_path / "w.pkl", fields)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_file_is_told_in_one_line(tiny, share):
    data = tiny.read_bytes()
    tiny.write_bytes(data[: int(share * len(data))])
    with pytest.raises(UserError, match="damaged or truncated") as error:
        read(tiny)
    assert "\n" not in str(error.value)


def test_damaged_bytes_never_give_anything_but_weights_or_one_line(tiny, rng):
    data = tiny.read_bytes()
    for _ in range(30):
        damaged = bytearray(data)
        for position in rng.integers(0, len(data), 20):
            damaged[position] = rng.integers(256)
        tiny.write_bytes(damaged)
        complaint(read, tiny)  # anything else than a complaint fails here


def test_tiny_file_is_no_released_file(tiny):
    with pytest.raises(UserError, match=r"block\d_conv\d.*expected"):
        load(tiny)
