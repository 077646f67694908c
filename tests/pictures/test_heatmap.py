"""Maps as pictures."""

import cv2
import numpy as np
import pytest

from samjax.pictures.heatmap import heatmap, normalize, overlay, quantise


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_quantised_maps_have_no_zeros_and_reach_the_top(rng, dtype):
    saliency = rng.random((20, 30)) * 1e-6
    saliency[3, 4] = 0
    levels = quantise(saliency, dtype)
    assert levels.min() == 1
    assert levels.max() == np.iinfo(dtype).max
    half = np.abs(levels / np.iinfo(dtype).max - saliency / saliency.max())
    assert half.max() <= 1 / np.iinfo(dtype).max


def test_constant_maps_are_drawn(rng):
    for value in (0, 5):
        flat = np.full((3, 4), value, np.float32)
        assert not normalize(flat).any()
        assert heatmap(flat).shape == (3, 4, 3)
        image = rng.integers(0, 256, (3, 4, 3), np.uint8)
        np.testing.assert_array_equal(overlay(image, flat), image)
    assert (quantise(np.zeros((3, 4)), np.uint8) == 1).all()


def test_overlay_heats_only_where_it_is_salient():
    image = np.full((10, 10, 3), 90, np.uint8)
    saliency = np.zeros((10, 10), np.float32)
    saliency[5, 5] = 2
    drawn = overlay(image, saliency)
    changed = (drawn != image).any(axis=-1)
    assert changed[5, 5]
    assert changed.sum() == 1
    red, _, blue = drawn[5, 5]
    assert red > blue


def test_eight_bits_and_overlays_are_the_plain_formulas(rng):
    saliency = rng.random((90, 120)).astype(np.float32) + 0.1
    image = rng.integers(0, 256, (90, 120, 3), np.uint8)
    exact = saliency.astype(np.float64) * 255 / saliency.max()
    assert np.abs(quantise(saliency, np.uint8) - exact).max() < 0.5 + 1e-4
    unit = (saliency.astype(np.float64) - saliency.min()) / np.ptp(saliency.astype(np.float64))
    grey = np.rint(unit * 255).astype(np.uint8)
    heat = cv2.cvtColor(cv2.applyColorMap(grey, cv2.COLORMAP_TURBO), cv2.COLOR_BGR2RGB)
    alpha = 0.75 * unit[..., None]
    blended = image * (1 - alpha) + heat * alpha
    # Opacity, heat and their product are each rounded to a level, and the sum holds two of them.
    assert np.abs(overlay(image, saliency) - blended).max() <= 2
