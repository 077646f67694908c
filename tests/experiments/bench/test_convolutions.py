"""The benchmark knows the convolutions of the network."""

from experiments.bench import convolutions
from experiments.bench.case import NetworkCase
from experiments.bench.convolutions import ConvolutionShape
from experiments.bench.timing import Limits


def test_each_kind_of_convolution_is_there_once():
    names = [shape.name for shape in convolutions.network_shapes(NetworkCase())]
    assert len(set(names)) == len(names)
    assert names[:2] == ["3x3, 3 to 64, 240x320", "3x3, 64 to 64, 240x320"]
    assert names[-2:] == ["3x3, 512 to 2560, 30x40", "5x5, 512 to 512, 30x40, dilation 4"]
    assert "3x3, 512 to 512, 30x40, dilation 2" in names


def test_a_convolution_is_timed_forward_and_with_its_gradients():
    shape = ConvolutionShape((1, 8, 8, 4), (3, 3, 4, 4), 1)
    results = convolutions._measure_shape(shape, Limits(1))
    assert results["way"] == "Direct"
    for kind in ("forward", "gradient"):
        assert results[kind]["seconds"] > 0
        assert results[kind]["ratio"] > 0
