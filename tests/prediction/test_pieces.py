"""A batch in pieces has the maps of the whole batch, in order."""

import jax
import numpy as np
import pytest
from tiny_model import INPUT, save_tiny_model
from tolerance import assert_close, rounding

from samjax.prediction.pieces import run_in_pieces
from samjax.prediction.traced import network_of
from samjax.weights import load


@pytest.mark.parametrize(("batch", "expected"), [(1, [1]), (4, [2, 2]), (3, [1, 1, 1])])
def test_a_batch_in_pieces_has_the_maps_of_the_whole(tmp_path, rng, batch, expected):
    network = network_of(load(save_tiny_model(tmp_path / "tiny.safetensors", timesteps=2)))
    images = rng.integers(0, 256, (batch, *INPUT, 3), np.uint8)
    whole = jax.jit(network.function(2, True))
    sizes = []

    def program(piece):
        sizes.append(len(piece))
        return whole(network.variables, piece)

    got = run_in_pieces(program, images)
    assert sizes == expected
    assert_close(got, whole(network.variables, images), rounding(25 * 28))
