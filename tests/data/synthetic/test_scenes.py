"""What a synthetic scene shows predicts where people look."""

import numpy as np
import pytest

from samjax.data.synthetic.composer import draw_scene
from samjax.data.synthetic.scenes import Scene, SceneSpec

SPEC = SceneSpec(60, 80)


def draw(number: int, spec: SceneSpec = SPEC) -> list[tuple[Scene, dict[str, np.ndarray]]]:
    """Return scenes with their gaze."""
    scenes = []
    for i in range(number):
        rng = np.random.default_rng(i)
        scene = draw_scene(spec, rng)
        scenes.append((scene, scene.gaze(rng)))
    return scenes


@pytest.fixture(scope="module")
def scenes():
    return draw(100)


def values_at(density: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the values of a map [H, W] at points [N, 2]."""
    columns, rows = np.floor(points + 0.5).astype(int).T
    return density[rows, columns]


def test_fixations_are_sound(scenes):
    for _, gaze in scenes[:5]:
        assert (gaze["points"] >= 0).all()
        assert (gaze["points"] <= (SPEC.width - 1, SPEC.height - 1)).all()
        assert set(gaze["subject"]) == set(range(SPEC.subjects))
        for subject in range(SPEC.subjects):
            order = gaze["order"][gaze["subject"] == subject]
            assert order.tolist() == list(range(len(order)))
        assert (gaze["duration_ms"] > 0).all()


def test_the_density_sums_to_one(scenes):
    for scene, _ in scenes[:3]:
        assert scene.density().sum() == pytest.approx(1)


def test_the_density_predicts_its_fixations_better_than_the_center(scenes):
    """In bits per fixation, over the Gaussian that all these fixations fit best."""
    points = np.concatenate([gaze["points"] for _, gaze in scenes])
    mean, spread = points.mean(axis=0), points.std(axis=0)
    y, x = np.mgrid[: SPEC.height, : SPEC.width]
    center = np.exp(-0.5 * (((x - mean[0]) / spread[0]) ** 2 + ((y - mean[1]) / spread[1]) ** 2))
    center /= center.sum()
    gains = []
    for scene, gaze in scenes:
        at_fixations = values_at(scene.density(), gaze["points"])
        gains.append(np.log2(at_fixations / values_at(center, gaze["points"])).mean())
    assert np.mean(gains) > 1.5
    assert np.min(gains) > 0.5


def test_gaze_starts_nearer_the_center(scenes):
    middle = np.array([SPEC.width, SPEC.height]) / 2
    first, later = [], []
    for _, gaze in scenes:
        away = np.linalg.norm(gaze["points"] - middle, axis=1)
        first += away[gaze["order"] == 0].tolist()
        later += away[gaze["order"] > 0].tolist()
    assert np.mean(first) < 0.9 * np.mean(later)


def test_fixations_follow_the_density(scenes):
    """Many draws from one scene fill its density."""
    scene, _ = scenes[0]
    rng = np.random.default_rng(1)
    points = np.concatenate([scene.gaze(rng)["points"] for _ in range(100)])
    limits = [(0, SPEC.height), (0, SPEC.width)]
    counts = np.histogram2d(points[:, 1], points[:, 0], (12, 16), limits)[0]
    expected = scene.density().reshape(12, 5, 16, 5).sum(axis=(1, 3))
    assert np.corrcoef(counts.ravel(), expected.ravel())[0, 1] > 0.99
