import numpy as np
import pytest
import reference
from scipy.signal import convolve2d


@pytest.mark.parametrize("dilation", [1, 2, 4])
def test_reference_convolution_is_scipys_true_convolution(rng, dilation):
    x, kernel = rng.normal(size=(2, 9, 11)), rng.normal(size=(3, 2, 3, 3))
    spread = np.zeros((3, 2, 2 * dilation + 1, 2 * dilation + 1))
    spread[:, :, ::dilation, ::dilation] = kernel
    expected = [sum(convolve2d(x[i], k[i], mode="same") for i in range(2)) for k in spread]
    np.testing.assert_allclose(reference.conv(x, kernel, dilation=dilation), expected, atol=1e-12)


def test_reference_strided_convolution_takes_every_second_position(rng):
    x, kernel = rng.normal(size=(2, 9, 11)), rng.normal(size=(3, 2, 3, 3))
    every = reference.conv(x, kernel, pad=1)
    strided = reference.conv(x, kernel, pad=1, stride=2)
    np.testing.assert_allclose(strided, every[:, ::2, ::2], atol=1e-12)


def test_reference_upsampling_interpolates_at_j_minus_7_over_16(rng):
    x = rng.normal(size=(3, 4))
    rows, columns = ((np.arange(16 * n) - 7) / 16 for n in x.shape)
    expected = np.array([np.interp(columns, range(4), line) for line in x])
    expected = np.array([np.interp(rows, range(3), line) for line in expected.T]).T
    np.testing.assert_allclose(reference.upsample(x), expected, atol=1e-12)
