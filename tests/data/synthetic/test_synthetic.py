"""Synthetic scenes are reproducible, and what they show predicts where people look."""

import numpy as np
import pytest

from samjax.data.prepare.synthetic_builder import COUNTS, synthetic_example
from samjax.data.images import decode_density, decode_stimulus
from samjax.data.prepare.from_tables import prepare_synthetic
from samjax.data.synthetic.composer import draw_scene
from samjax.data.synthetic.scenes import SceneSpec
from samjax.data.sources import Source

SPEC = SceneSpec()


def scenes(number: int, spec: SceneSpec = SPEC):
    for i in range(number):
        rng = np.random.default_rng(i)
        yield draw_scene(spec, rng), rng


def at(map: np.ndarray, points: np.ndarray) -> np.ndarray:
    columns, rows = np.floor(points + 0.5).astype(int).T
    return map[rows, columns]


def test_a_scene_depends_on_seed_split_and_number_alone():
    first, again = (synthetic_example(SPEC, 3, "train", 5) for _ in range(2))
    assert first.image == again.image
    assert first.density == again.density
    np.testing.assert_array_equal(first.points, again.points)
    for other in [(4, "train", 5), (3, "test", 5), (3, "train", 6)]:
        assert synthetic_example(SPEC, *other).image != first.image


def test_fixations_are_sound():
    for scene, rng in scenes(5):
        gaze = scene.gaze(rng)
        assert (gaze["points"] >= 0).all()
        assert (gaze["points"] <= (SPEC.width - 1, SPEC.height - 1)).all()
        assert set(gaze["subject"]) == set(range(SPEC.subjects))
        for subject in range(SPEC.subjects):
            order = gaze["order"][gaze["subject"] == subject]
            assert order.tolist() == list(range(len(order)))
        assert (gaze["duration_ms"] > 0).all()


def test_the_density_sums_to_one_and_is_kept_in_the_file():
    for i, (scene, _) in enumerate(scenes(3)):
        assert scene.density().sum() == pytest.approx(1)
        rng = np.random.default_rng([0, 0, i])
        density = draw_scene(SPEC, rng).density()
        stored = decode_density(synthetic_example(SPEC, 0, "train", i).density)
        np.testing.assert_allclose(stored / stored.max(), density / density.max(), atol=1e-5)


def test_the_density_predicts_its_fixations_better_than_the_center():
    """In bits per fixation, over the Gaussian that all these fixations fit best."""
    drawn = [(scene.density(), scene.gaze(rng)["points"]) for scene, rng in scenes(30)]
    points = np.concatenate([fixations for _, fixations in drawn])
    mean, spread = points.mean(axis=0), points.std(axis=0)
    y, x = np.mgrid[: SPEC.height, : SPEC.width]
    center = np.exp(-0.5 * (((x - mean[0]) / spread[0]) ** 2 + ((y - mean[1]) / spread[1]) ** 2))
    center /= center.sum()
    gains = [np.log2(at(d, f) / at(center, f)).mean() for d, f in drawn]
    assert np.mean(gains) > 1.5
    assert np.min(gains) > 0.5


def test_gaze_starts_nearer_the_center():
    middle = np.array([SPEC.width, SPEC.height]) / 2
    first, later = [], []
    for scene, rng in scenes(20):
        gaze = scene.gaze(rng)
        away = np.linalg.norm(gaze["points"] - middle, axis=1)
        first += away[gaze["order"] == 0].tolist()
        later += away[gaze["order"] > 0].tolist()
    assert np.mean(first) < 0.9 * np.mean(later)


def test_fixations_follow_the_density():
    """Many draws from one scene fill its density."""
    scene = draw_scene(SPEC, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    points = np.concatenate([scene.gaze(rng)["points"] for _ in range(100)])
    drawn = np.histogram2d(points[:, 1], points[:, 0], (12, 16), [(0, 240), (0, 320)])[0]
    expected = scene.density().reshape(12, 20, 16, 20).sum(axis=(1, 3))
    assert np.corrcoef(drawn.ravel(), expected.ravel())[0, 1] > 0.99


@pytest.mark.parametrize("size", [(48, 64), (120, 90), (101, 333)])
def test_any_size_can_be_drawn(size):
    spec = SceneSpec(*size, subjects=3, fixations=4)
    for scene, rng in scenes(5, spec):
        assert scene.image.shape == (*size, 3)
        assert scene.image.std() > 5
        assert len(scene.gaze(rng)["points"]) >= 3


def test_preparing_gives_the_scenes_asked_for(tmp_path):
    spec = SceneSpec(60, 80, subjects=4)
    counts = {"train": 5, "validation": 2, "test": 0}
    dataset = prepare_synthetic(data_dir=tmp_path, spec=spec, counts=counts, seed=7)
    assert dataset.splits == {"train": 5, "validation": 2}
    source = Source(dataset, "validation")
    written, drawn = source[1], synthetic_example(spec, 7, "validation", 1)
    assert decode_stimulus(written.image).shape == (60, 80, 3)
    assert written.image == drawn.image
    np.testing.assert_array_equal(written.points, drawn.points)
    assert written.sigma_px == pytest.approx(2.4)
    assert list(COUNTS) == ["train", "validation", "test"]
