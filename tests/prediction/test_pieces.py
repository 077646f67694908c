"""A batch whose images are predicted one by one has the maps of the whole batch, in order."""

import functools
import threading

import jax
import numpy as np
import pytest
from tiny_model import INPUT, save_tiny_model

from samjax.prediction import pieces
from samjax.prediction.executables import SMALL
from samjax.prediction.pieces import images_at_once, run_each
from samjax.prediction.traced import network_of
from samjax.weights import load


@pytest.fixture
def network(tmp_path):
    return network_of(load(save_tiny_model(tmp_path / "tiny.safetensors", timesteps=2)))


@pytest.mark.parametrize(("batch", "at_once"), [(1, 2), (3, 1), (5, 2)])
def test_a_batch_has_the_bits_of_its_images_in_their_order(network, rng, batch, at_once):
    images = rng.integers(0, 256, (batch, *INPUT, 3), np.uint8)
    program = functools.partial(jax.jit(network.function(2, True)), network.variables)
    sizes = []

    def counted(piece):
        sizes.append(len(piece))
        return program(piece)

    got = run_each(counted, images, at_once)
    assert sizes == [1] * batch
    for index in range(batch):
        alone = program(images[index : index + 1])
        np.testing.assert_array_equal(got.saliency[index], alone.saliency[0])
        np.testing.assert_array_equal(got.hidden[index], alone.hidden[0])
        np.testing.assert_array_equal(got.priors[0], alone.priors[0])


def test_a_network_gives_a_batch_the_bits_of_its_images(network, rng):
    images = rng.integers(0, 256, (3, *INPUT, 3), np.uint8)
    together = network.run(images, 2, False)
    for index in range(len(images)):
        alone = network.run(images[index : index + 1], 2, False)
        np.testing.assert_array_equal(together.log_density[index], alone.log_density[0])


def test_as_many_images_are_under_way_as_were_asked_for(rng):
    # Each call waits for the other, so that it ends only if both are under way.
    both = threading.Barrier(2, timeout=60)

    def program(piece):
        both.wait()
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        run_each(program, rng.integers(0, 256, (2, 8, 8, 3), np.uint8), 2)


def test_a_small_network_is_given_an_image_for_every_core_and_a_large_one_a_few(monkeypatch):
    monkeypatch.setattr(pieces, "usable_cores", lambda: 16)
    assert images_at_once(SMALL) == 16
    assert images_at_once(SMALL + 1) == pieces.LARGE_AT_ONCE
    monkeypatch.setattr(pieces, "usable_cores", lambda: 1)
    assert images_at_once(SMALL + 1) == 1
