import h5py
import numpy as np
import pytest
from weight_files import (
    RESNET50,
    RESNET_TINY,
    VGG16,
    VGG_TINY,
    network,
    random_layers,
    write_original,
)

from samjax.errors import UserError
from samjax.weights import original
from samjax.weights.layout import file_shape, layout
from samjax.weights.pretrained import shapes

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


@pytest.mark.parametrize("version", ["vgg", "resnet"])
def test_layout_is_that_of_the_files_keras_saved(shared, version):
    import importlib.util

    spec = importlib.util.spec_from_file_location("w", shared / "oracle" / "sam_weights.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    fields = VGG16 if version == "vgg" else RESNET50
    wanted = shapes(fields)
    ours = [
        (layer, [(slot.name, file_shape(wanted[slot.path], slot)) for slot in slots])
        for layer, slots in layout(fields).items()
    ]
    assert ours == module.layers(version)


@pytest.mark.parametrize("fields", [VGG16, RESNET50], ids=["vgg16", "resnet50"])
def test_layout_fills_every_variable_once(fields):
    slots = [(slot.path, slot.gate) for layer in layout(fields).values() for slot in layer]
    assert len(slots) == len(set(slots))
    assert {path for path, _ in slots} == set(shapes(fields))


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


def test_only_the_paper_preset_has_the_originals_layout(tiny, tmp_path):
    with pytest.raises(UserError, match="paper preset"):
        original.save(tmp_path / "out.pkl", read(tiny))
    assert list(tmp_path.iterdir()) == [tiny]


def test_layers_are_random_enough_to_tell_mistakes():
    layers = random_layers(VGG_TINY, np.random.default_rng(0))
    assert all(np.ptp(t) > 0 or t.size == 1 for tensors in layers.values() for t in tensors)
