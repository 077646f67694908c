"""The layout of the original's files: names, order and shapes of all tensors."""

import json
from pathlib import Path

import numpy as np
import pytest
from weight_files import RESNET50, VGG16, VGG_TINY, random_layers

from samjax.weights.layout import Slot, file_shape, layout, to_file, to_variable
from samjax.weights.pretrained import shapes

# The layers and tensors that Keras 1.1 wrote for the released code, with their shapes.
GOLDEN = Path(__file__).parents[1] / "golden" / "original_layers.json"


@pytest.mark.parametrize("version", ["vgg", "resnet"])
def test_layout_is_that_of_the_files_keras_saved(version):
    fields = VGG16 if version == "vgg" else RESNET50
    wanted = shapes(fields)
    layers = []
    for layer, slots in layout(fields).items():
        tensors = [[slot.name, list(file_shape(wanted[slot.path], slot))] for slot in slots]
        layers.append([layer, tensors])
    assert layers == json.loads(GOLDEN.read_text())[version]


@pytest.mark.parametrize("fields", [VGG16, RESNET50], ids=["vgg16", "resnet50"])
def test_layout_fills_every_variable_once(fields):
    slots = [(slot.path, slot.gate) for layer in layout(fields).values() for slot in layer]
    assert len(slots) == len(set(slots))
    assert {path for path, _ in slots} == set(shapes(fields))


def test_a_kernel_there_and_back_has_its_bits(rng):
    kernel = rng.normal(size=(3, 5, 2, 8)).astype(np.float32)
    slot = Slot("x_W", ("params", "x", "kernel"))
    in_file = to_file(kernel, slot)
    assert in_file.shape == file_shape(kernel.shape, slot) == (8, 2, 3, 5)
    # A true convolution turns the kernel by half a turn.
    assert in_file[4, 1, 0, 0] == kernel[2, 4, 1, 4]
    np.testing.assert_array_equal(to_variable(in_file, kernel.shape), kernel)


def test_a_gate_is_a_quarter_of_the_last_axis(rng):
    bias = rng.normal(size=8).astype(np.float32)
    for gate in range(4):
        slot = Slot("x_b", ("params", "x", "bias"), gate)
        assert file_shape(bias.shape, slot) == (2,)
        np.testing.assert_array_equal(to_file(bias, slot), bias[2 * gate : 2 * gate + 2])


def test_layers_are_random_enough_to_tell_mistakes():
    layers = random_layers(VGG_TINY, np.random.default_rng(0))
    assert all(np.ptp(t) > 0 or t.size == 1 for tensors in layers.values() for t in tensors)
