"""What a window shows of an example, and the targets of each timestep."""

import numpy as np
import pytest
from example_factory import decode, make_example

from samjax.data.decoding import Decoded
from samjax.data.geometry import letterbox
from samjax.data.rendering import Render, blur
from samjax.data.window import Window


def test_an_element_has_the_types_of_the_contract():
    render = Render((24, 32), (12, 16))
    whole = decode(make_example(np.zeros((9, 9, 3), np.uint8), [[1, 1]]))
    for out in (render.letterboxed(whole), render.letterboxed(Decoded(-1, None, None))):
        kinds = {name: (value.dtype, value.shape) for name, value in out.items()}
        assert kinds == {
            "image": (np.uint8, (24, 32, 3)),
            "density": (np.float32, (12, 16)),
            "counts": (np.float32, (12, 16)),
            "mask": (bool, (12, 16)),
            "index": (np.int32, ()),
        }


def test_points_are_blurred_by_one_degree_on_the_grid():
    """Against the Gaussian itself: sigma of 8 original pixels is 2 cells here."""
    whole = make_example(np.zeros((120, 160, 3), np.uint8), [[81.5, 61.5]], sigma_px=8.0)
    density = Render((60, 80), (30, 40)).letterboxed(decode(whole))["density"]
    rows, columns = np.arange(30)[:, None] - 15, np.arange(40) - 20
    expected = np.exp(-(rows**2 + columns**2) / (2 * 2.0**2))
    # The kernel ends at four sigmas, where the Gaussian is 3e-4 of its peak.
    peak = expected.max() / expected.sum()
    np.testing.assert_allclose(density, expected / expected.sum(), atol=4e-4 * peak)


def test_zoom_widens_the_blur_with_the_content():
    whole = make_example(np.zeros((240, 320, 3), np.uint8), [[159.5, 119.5]], sigma_px=8.0)
    render = Render((60, 80), (60, 80))
    window = letterbox(240, 320, 60, 80)
    closer = Window(0.25, 0.25, 0.5, 0.5)
    peaks = [render(decode(whole), w)["density"].max() for w in (window, closer)]
    assert peaks[0] / peaks[1] == pytest.approx(4, rel=0.05)


def test_a_blur_narrower_than_a_cell_changes_nothing(rng):
    counts = rng.integers(0, 3, (9, 9)).astype(np.float32)
    np.testing.assert_allclose(blur(counts, 0.01, 0.01), counts)
    assert not blur(np.zeros((9, 9), np.float32), 3, 3).any()


VIEWED = {"subject": np.int32([7, 2, 7, 2, 7]), "order": np.int32([1, 0, 0, 1, 2])}
VIEWED["duration_ms"] = np.float32([200, 100, 300, 50, 400])  # they begin at 300, 0, 0, 100, 500
POINTS = [[4, 3], [10, 3], [4, 9], [10, 9], [15, 11]]


@pytest.fixture
def viewed() -> Decoded:
    """Five fixations with the times at which they begin."""
    image = np.zeros((16, 20, 3), np.uint8)
    return decode(make_example(image, POINTS, sigma_px=1.0, **VIEWED))


def test_each_timesteps_target_counts_what_begins_by_then(viewed):
    render = Render((16, 20), (16, 20), (50.0, 150.0, 450.0, 9000.0))
    element = render(viewed, letterbox(16, 20, 16, 20))
    counts, density = element["timestep_counts"], element["timestep_density"]
    assert counts.shape == density.shape == (4, 16, 20)
    assert [int(c.sum()) for c in counts] == [2, 3, 4, 5]
    assert [np.flatnonzero(c[3]).tolist() for c in counts[:3]] == [[10], [10], [4, 10]]
    np.testing.assert_array_equal(counts[-1], element["counts"])
    np.testing.assert_array_equal(density[-1], element["density"])


def test_a_blank_element_has_the_same_arrays(viewed):
    render = Render((16, 20), (4, 5), (1.0, 2.0))
    full, blank = render.letterboxed(viewed), render.letterboxed(Decoded(-1, None, None))
    assert {name: (value.shape, value.dtype) for name, value in blank.items()} == {
        name: (value.shape, value.dtype) for name, value in full.items()
    }
