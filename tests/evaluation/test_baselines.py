"""Baselines, and their published scores on the real packs."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from optimised import run_optimised
from scipy.ndimage import gaussian_filter

from samjax.errors import UserError
from samjax.evaluation.baselines import center_gaussian, mean_density, resize_density, uniform
from samjax.metrics.ground_truth import count_map


def example(rng, height, width, sigma=3.0, points=20):
    positions = rng.random((points, 2)) * (width - 1, height - 1)
    return SimpleNamespace(points=positions, height=height, width=width, sigma_px=sigma)


def test_each_sums_to_one():
    for baseline in (uniform(30, 50), center_gaussian(30, 50)):
        assert baseline.shape == (30, 50)
        assert baseline.sum(dtype=np.float64) == pytest.approx(1, abs=1e-6)


def test_center_gaussian_is_isotropic_and_centred():
    center = center_gaussian(600, 800)
    np.testing.assert_allclose(center, center[::-1, ::-1], rtol=1e-5)
    assert center[300, 400 + 148] / center[300, 400] == pytest.approx(np.exp(-0.5), rel=0.01)
    assert center[300 + 148, 400] / center[300, 400] == pytest.approx(np.exp(-0.5), rel=0.01)


def test_mean_density_is_the_mean_of_densities(rng):
    examples = [example(rng, 40, 60, points=n) for n in (3, 50, 9)]
    blurs = [gaussian_filter((count_map(e.points, 40, 60) > 0).astype(float), 3) for e in examples]
    expected = np.mean([b / b.sum() for b in blurs], axis=0)
    np.testing.assert_allclose(mean_density(examples), expected, rtol=1e-5)


def test_mean_density_joins_sizes_in_relative_coordinates(rng):
    small = example(rng, 40, 60, 3)
    large = SimpleNamespace(points=(small.points + 0.5) * 2 - 0.5, height=80, width=120, sigma_px=6)
    alone = mean_density([small, small])
    joined = mean_density([small, small, large])
    assert joined.shape == (40, 60)
    assert np.corrcoef(alone.ravel(), joined.ravel())[0, 1] > 0.99


def test_images_without_fixations_are_left_out(rng):
    full, empty = example(rng, 40, 60), example(rng, 40, 60, points=0)
    np.testing.assert_array_equal(mean_density([full, empty]), mean_density([full]))
    with pytest.raises(UserError, match="fixations"):
        mean_density([empty])


def test_resized_density_keeps_its_sum(rng):
    density = gaussian_filter(rng.random((40, 60)), 3)
    for size in ((40, 60), (100, 90), (10, 13), (20, 200)):
        resized = resize_density(density, *size)
        assert resized.shape == size
        assert resized.sum() == pytest.approx(1)


# A hundred pictures of 800x600 are much arithmetic, so it is compiled for speed.
SCORES_OF_A_PACK = """
import csv
import gzip
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from samjax.evaluation.baselines import center_gaussian, mean_density
from samjax.evaluation.scorer import score
from samjax.evaluation.scores import ScoredImage
from samjax.metrics.ground_truth import count_map, density_map


def read_pack(folder):
    points = {}
    with gzip.open(folder / "fixations.csv.gz", "rt") as file:
        for row in csv.DictReader(file):
            points.setdefault(row["image"], []).append((float(row["x"]), float(row["y"])))
    splits = {"train": [], "validation": []}
    for row in csv.DictReader((folder / "images.csv").read_text().splitlines()):
        size = {"height": int(row["original_height"]), "width": int(row["original_width"])}
        xy = np.array(points.get(row["name"], np.zeros((0, 2))))
        splits[row["split"]].append(SimpleNamespace(points=xy, sigma_px=24.0, **size))
    return splits


def images():
    for k, e in enumerate(splits["validation"]):
        counts = count_map(e.points, 600, 800)
        maps = {"center": center, "mean": mean}
        yield ScoredImage(str(k), maps, counts, density_map(counts, 24.0))


splits = read_pack(Path(sys.argv[1]))
mean, center = mean_density(splits["train"]), center_gaussian(600, 800)
got = score(images(), "mit", sys.argv[2:]).values
means = {
    method: {name: float(np.nanmean(values)) for name, values in scores.items()}
    for method, scores in got.items()
}
print(json.dumps(means))
"""


def test_published_baselines_of_osie(shared):
    names = ("NSS", "CC", "SIM", "KL", "AUC_Judd")
    got = json.loads(run_optimised(SCORES_OF_A_PACK, shared / "data" / "osie", *names))
    center, mean = (0.866, 0.304, 0.366, 1.371, 0.734), (0.915, 0.320, 0.371, 1.320, 0.748)
    assert list(got["center"].values()) == pytest.approx(center, abs=0.0025)
    assert list(got["mean"].values()) == pytest.approx(mean, abs=0.0025)
    assert list(got["mean"]) == list(names)
