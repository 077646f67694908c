"""Each metric's own map does best in that metric, for fixations drawn from the density."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from samjax.metrics import compute
from samjax.metrics.optimal import MetricMaps, optimal_maps, sim_map

SIZE, SIGMA, COUNT = (48, 64), 4.0, 40


@pytest.fixture
def density(rng):
    blobs = gaussian_filter(rng.random(SIZE) ** 20, 3) + 1e-4
    return blobs / blobs.sum()


def test_own_map_beats_the_others_in_expectation(rng, density):
    center = gaussian_filter(density, 12)
    maps = optimal_maps(density, SIGMA, COUNT, center)
    truth = []
    for _ in range(40):
        counts = rng.multinomial(COUNT, density.ravel()).reshape(SIZE).astype(np.float32)
        others = rng.multinomial(4000, (center / center.sum()).ravel()).reshape(SIZE)
        truth.append((counts, gaussian_filter(counts, SIGMA), others.astype(np.float32)))
    counts, g, others = (np.stack(t) for t in zip(*truth, strict=True))

    def means(image):
        images = np.broadcast_to(np.float32(image), counts.shape)
        mask = np.ones(counts.shape, bool)
        names = ["CC", "KL", "SIM", "sAUC"]
        got = compute("tuebingen", images, counts, g, mask, others=others, names=names)
        return {name: float(values.mean()) for name, values in got.items()}

    means_of = {id(image): means(image) for image in maps.all()}
    for name, best in maps.by_metric.items():
        sign = -1 if name == "KL" else 1
        for other in maps.all():
            ours, theirs = means_of[id(best)][name], means_of[id(other)][name]
            assert sign * ours >= sign * theirs - 2e-3, name  # means over 40 random truths


def test_sim_map_is_a_density(density):
    best = sim_map(density, SIGMA, COUNT)
    assert best.min() >= 0
    assert best.sum() == pytest.approx(1, rel=0.2)  # enlarged: the metric divides by the sum
    assert optimal_maps(density, SIGMA, COUNT).default.sum() == pytest.approx(1, rel=1e-5)


def test_metrics_that_share_a_map_are_one_group(density):
    maps = optimal_maps(density, SIGMA, COUNT)
    assert maps.of("CC") is maps.of("KL")
    assert maps.of("NSS") is maps.of("sAUC") is maps.default
    assert maps.groups(("NSS", "CC", "SIM", "KL", "AUC")) == [
        ("NSS", "AUC"), ("CC", "KL"), ("SIM",)
    ]  # fmt: skip
    assert MetricMaps(density, {}).groups(("NSS", "CC")) == [("NSS", "CC")]
