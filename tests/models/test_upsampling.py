"""Upsampling is the release's transposed convolution, or centred on half pixels."""

import jax.numpy as jnp
import numpy as np
import pytest
import reference
from tolerance import assert_close, rounding

from samjax.models.upsampling import interpolation_matrix, upsample


@pytest.mark.parametrize(("ratio", "size"), [(2, (3, 5)), (4, (7, 2)), (8, (1, 1)), (16, (3, 5))])
def test_paper_alignment_is_the_transposed_convolution(rng, ratio, size):
    x = rng.normal(size=size)
    got = upsample(jnp.float32(x)[None], ratio, "paper")[0]
    assert_close(got, reference.upsample(x, ratio), rounding(4))  # four neighbours


def test_half_pixel_alignment_keeps_the_centre_of_mass():
    x = jnp.zeros((1, 5, 7)).at[0, 2, 3].set(1.0)  # the middle
    up = np.asarray(upsample(x, 8, "half_pixel")[0])
    np.testing.assert_allclose(up, up[::-1, ::-1], atol=1e-7)
    paper = np.asarray(upsample(x, 8, "paper")[0])
    assert np.abs(paper - paper[::-1, ::-1]).max() > 0.05


@pytest.mark.parametrize("offset", [7, 7.5])
def test_weights_of_a_position_sum_to_one(offset):
    np.testing.assert_allclose(interpolation_matrix(5, 16, offset).sum(axis=1), 1, atol=1e-6)


def test_result_is_float32_for_bfloat16_scores():
    assert upsample(jnp.ones((1, 2, 3), jnp.bfloat16), 16).dtype == jnp.float32
