"""The original's files are read and written bit for bit; one line tells which tensor is wrong."""

import h5py
import numpy as np
import pytest
from weight_files import RESNET_TINY, VGG_TINY, network, write_original

from samjax.errors import UserError
from samjax.weights import load, original

TINY = {f["backbone"]: f for f in (VGG_TINY, RESNET_TINY)}


@pytest.fixture
def tiny(tmp_path):
    """A good SAM-VGG file of tiny widths, to be damaged."""
    path = tmp_path / "tiny.pkl"
    write_original(path, VGG_TINY, network("vgg_tiny").layers)
    return path


def read(path):
    return original.load(path, VGG_TINY)


def assert_equal(a, b):
    assert a.flat().keys() == b.flat().keys()
    for path, array in a.flat().items():
        np.testing.assert_array_equal(array, b.flat()[path])


@pytest.mark.parametrize("backbone", TINY)
@pytest.mark.parametrize("under_model_weights", [False, True])
def test_both_group_layouts_are_read_alike(tmp_path, backbone, under_model_weights):
    fields, layers, variables = network(backbone)
    write_original(tmp_path / "w.pkl", fields, layers, under_model_weights)
    loaded = original.load(tmp_path / "w.pkl", fields)
    assert loaded.kind == "sam"
    for path, array in loaded.flat().items():
        expected = variables
        for key in path:
            expected = expected[key]
        np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize("backbone", TINY)
def test_writing_gives_the_files_tensors_back_bit_for_bit(tmp_path, backbone):
    fields, layers, _ = network(backbone)
    write_original(tmp_path / "a.pkl", fields, layers)
    original.write(tmp_path / "b.pkl", original.load(tmp_path / "a.pkl", fields))
    with h5py.File(tmp_path / "a.pkl") as a, h5py.File(tmp_path / "b.pkl") as b:
        assert list(a.attrs["layer_names"]) == list(b.attrs["layer_names"])
        for layer in a.attrs["layer_names"]:
            names = a[layer].attrs["weight_names"]
            assert names.dtype == b[layer].attrs["weight_names"].dtype
            assert list(names) == list(b[layer].attrs["weight_names"])
            for name in names:
                assert a[layer][name][()].tobytes() == b[layer][name][()].tobytes()
                assert b[layer][name].dtype == np.float32


def test_lstm_tensors_are_taken_by_order_whatever_their_names(tmp_path, tiny):
    before = read(tiny)
    with h5py.File(tiny, "r+") as file:
        group = file["attentiveconvlstm_1"]
        names = [n.decode() for n in group.attrs["weight_names"]]
        renamed = [f"convolution2d_{40 + k}_{name[-1]}" for k, name in enumerate(names)]
        for old, new in zip(names, renamed, strict=True):
            group.move(old, new)
        group.attrs["weight_names"] = np.array([n.encode() for n in renamed])
    assert_equal(read(tiny), before)


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


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (wrong_shape, r"block2_conv1_W has shape \(12, 7, 3, 3\), expected \(12, 8, 3, 3\)"),
        (integers, "block2_conv1_b holds int32, expected float32"),
        (not_a_number, "block2_conv1_b holds values that are not finite"),
        (too_large_for_float32, "block2_conv1_b holds values that are not finite"),
        (huge, r"block2_conv1_W has shape \(1099511627776, 3, 3, 3\), expected \(12, 8, 3, 3\)"),
        (missing_layer, "layer block2_conv1 is missing, expected 2 tensors"),
        (renamed_layer, "layer other with weights is not in SAM's vgg_tiny"),
        (swapped, "block2_conv1_b stands where block2_conv1_W was expected"),
        (too_few, "layer block2_conv1 has 1 tensors, expected 2"),
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


def test_tiny_file_is_no_released_file(tiny):
    with pytest.raises(UserError, match=r"block\d_conv\d.*expected"):
        load(tiny)


def test_only_the_paper_preset_has_the_originals_layout(tiny, tmp_path):
    with pytest.raises(UserError, match="paper preset"):
        original.save(tmp_path / "out.pkl", read(tiny))
    assert list(tmp_path.iterdir()) == [tiny]
