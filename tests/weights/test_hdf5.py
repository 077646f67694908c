"""Damaged or hostile HDF5 files: one line tells what is wrong, and nothing outside is opened."""

import h5py
import numpy as np
import pytest
from weight_files import VGG_TINY, complaint, network, write_original

from samjax.errors import UserError
from samjax.weights import original


@pytest.fixture
def tiny(tmp_path):
    """A good SAM-VGG file of tiny widths, to be damaged."""
    path = tmp_path / "tiny.pkl"
    write_original(path, VGG_TINY, network("vgg_tiny").layers)
    return path


def read(path):
    return original.load(path, VGG_TINY)


def missing_dataset(file):
    del file["block2_conv1"]["block2_conv1_W"]


def missing_group(file):
    del file["block2_conv1"]


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
        (missing_dataset, "block2_conv1_W of /block2_conv1 is listed but missing"),
        (missing_group, "block2_conv1 of / is listed but missing"),
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


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.99])
def test_a_truncated_file_is_told_in_one_line(tiny, fraction):
    data = tiny.read_bytes()
    tiny.write_bytes(data[: int(fraction * len(data))])
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
