"""A tensor is read only as what the network expects, and refused in one line."""

import numpy as np
import pytest

from samjax.errors import UserError
from samjax.weights.tensors import Tensor, read, read_variance


def tensor(values, shape=None, dtype=None):
    values = np.asarray(values)
    return Tensor("w.pth", "x", shape or values.shape, dtype or values.dtype.name, lambda: values)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_floats_become_float32(dtype):
    values = read(tensor(np.array([1.5, -2], dtype)), (2,))
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, [1.5, -2])


def test_a_wrong_shape_is_refused_before_anything_is_read():
    def never():
        raise AssertionError("was read")

    with pytest.raises(UserError, match=r"x \(conv1\) has shape \(9,\), expected \(2,\)"):
        read(Tensor("w.pth", "x", (9,), "float32", never), (2,), "conv1")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([1, 2]), "holds int64, expected float32"),
        (np.array([1, np.nan]), "not finite"),
        (np.array([1, 1e300]), "not finite"),
    ],
)
def test_other_values_are_refused(values, message):
    with pytest.raises(UserError, match=message):
        read(tensor(values), (2,))


def test_a_reader_that_fails_is_told_in_one_line():
    def fail():
        raise ValueError("two\nlines")

    with pytest.raises(UserError, match=r"w\.pth: tensor x cannot be read: two lines"):
        read(Tensor("w.pth", "x", (2,), "float32", fail), (2,))


def test_a_variance_is_not_negative():
    np.testing.assert_array_equal(read_variance(tensor([0.0, 2.0]), (2,)), [0, 2])
    with pytest.raises(UserError, match="negative values, expected variances"):
        read_variance(tensor([0.0, -1.0]), (2,))
