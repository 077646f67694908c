"""Rounding a density to 8 bits costs KL and IG, to 16 bits hardly anything."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from samjax.evaluation.center_bias import fit_center_bias
from samjax.evaluation.quantization import FORMATS, quantisation_penalty


@pytest.fixture
def maps(rng):
    """Examples whose fixations are drawn from peaked densities, with those densities."""
    found = []
    for k in range(6):
        density = gaussian_filter(rng.random((60, 80)) ** 60, 4) + 1e-6
        density /= density.sum()
        cells = rng.choice(density.size, 200, p=density.ravel())
        fixations = np.stack([cells % 80, cells // 80], axis=1).astype(np.float32)
        example = SimpleNamespace(
            image_id=str(k), points=fixations, height=60, width=80, sigma_px=4.0, density=b""
        )
        found.append((example, density))
    return found


def test_fewer_bits_cost_more(maps):
    bias = fit_center_bias([example for example, _ in maps])
    values = quantisation_penalty(maps, "tuebingen", center_bias=bias).values
    mean = {m: {n: np.mean(v) for n, v in row.items()} for m, row in values.items()}
    assert list(mean) == [*FORMATS, "center bias"]
    for name, sign in (("IG", 1), ("KL", -1)):
        exact, zeros = mean["float"][name], mean["8 bit with zeros"][name]
        assert mean["16 bit"][name] == pytest.approx(exact, abs=0.01)
        assert sign * (exact - zeros) >= sign * (exact - mean["8 bit"][name]) - 1e-9
        assert sign * (exact - zeros) > 0
    assert mean["float"]["IG"] > 0
    assert mean["center bias"]["IG"] == pytest.approx(0, abs=1e-5)
