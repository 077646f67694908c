"""The scoreboard: baselines, held-out observers, several models, and the order of the split."""

import numpy as np
import pytest

from samjax.errors import UserError
from samjax.evaluation.baseline_maps import CENTER, BaselineMaps
from samjax.evaluation.scoreboard import OBSERVERS, Scoreboard, ground_truth
from samjax.evaluation.scores import MODEL

NAMES = ("NSS", "KL")
BASELINES = ["uniform", "center Gaussian", "mean density", CENTER]


def truth(example):
    """A perfect prediction: the empirical density."""
    density = ground_truth(example, "mit")[1]
    return density / density.sum()


def noise(example):
    return np.random.default_rng(len(example.points)).random((example.height, example.width))


def filled(source, predict, convention="mit", **options):
    board = Scoreboard(source, convention, **{"names": NAMES, "trials": 0} | options)
    for i in range(len(source)):
        board.add(source[i], predict(source[i]))
    return board


def test_baselines_stand_beside_the_model(source):
    summary, scores = filled(source, truth).result()
    assert list(summary["scores"]) == [MODEL, *BASELINES]
    assert scores.image_ids == [source.image_id(i) for i in range(len(source))]
    assert summary["scores"]["uniform"]["NSS"]["mean"] == 0
    assert summary["scores"][MODEL]["KL"]["mean"] == pytest.approx(0, abs=1e-5)
    for name, sign in (("NSS", 1), ("KL", -1)):
        best = max(BASELINES, key=lambda b, n=name, s=sign: s * summary["scores"][b][n]["mean"])
        difference = summary["difference"][name]
        assert difference["baseline"] == best
        assert sign * difference["mean"] > 0
    without, _ = filled(source, truth, baselines=False).result()
    assert list(without["scores"]) == [MODEL]
    assert without["scores"][MODEL] == summary["scores"][MODEL]


def test_fraction_goes_from_center_bias_to_observers(source):
    center = BaselineMaps(source, "train").draw(48, 64)[CENTER]
    summary, _ = filled(source, lambda example: center, trials=10).result()
    assert summary["trials_per_image"] == 2
    assert summary["fraction"]["NSS"] == pytest.approx(0, abs=1e-6)
    perfect, _ = filled(source, truth, trials=10).result()
    assert perfect["fraction"]["NSS"] > 0.5
    assert perfect["scores"][OBSERVERS] == summary["scores"][OBSERVERS]
    assert perfect["scores"][OBSERVERS]["NSS"]["images"] == len(source)


def test_images_may_come_in_any_order(source):
    _, expected = filled(source, noise).result()
    board = Scoreboard(source, "mit", names=NAMES, trials=0)
    for i in (3, 0, 4, 1, 2):
        board.add(source[i], noise(source[i]), position=i)
    _, got = board.result()
    assert got.image_ids == expected.image_ids
    np.testing.assert_array_equal(got.num_fixations, expected.num_fixations)
    for name in NAMES:
        np.testing.assert_array_equal(got.values[MODEL][name], expected.values[MODEL][name])


def test_several_models_in_one_pass_have_the_scores_of_each_alone(source):
    board = filled(source, lambda e: {"good": truth(e), "poor": noise(e)}, trials=5)
    for name, predict in (("good", truth), ("poor", noise)):
        got, scores = board.result(name)
        expected, alone = filled(source, predict, trials=5).result()
        assert list(scores.values) == list(alone.values)
        for key in ("scores", "difference", "fraction"):
            np.testing.assert_equal(got[key], expected[key])


def test_without_a_training_split_there_is_no_information_gain(source, capsys):
    board = filled(source, truth, names=(), convention="salicon", baseline_split="nothing")
    summary, scores = board.result()
    assert "without IG" in capsys.readouterr().err
    assert list(scores.values) == [MODEL, "uniform", "center Gaussian"]
    assert summary["center_bias"] is None
    assert summary["sigma"]["pixels"] is None  # salicon has a sigma of its own


def test_tuebingen_gives_densities_their_own_maps(source):
    def density(example):
        return BaselineMaps(source, None).draw(example.height, example.width)["center Gaussian"]

    options = {"convention": "tuebingen", "names": ("CC",), "baselines": False}
    own, _ = filled(source, density, densities=True, **options).result()
    single, _ = filled(source, density, **options).result()
    assert (own["maps"], single["maps"]) == ("each metric's own", "one for all metrics")
    assert own["scores"][MODEL]["CC"] != single["scores"][MODEL]["CC"]


def test_summary_says_what_was_scored(source):
    summary = Scoreboard(source, "mit", trials=0).identity()
    assert summary["dataset"] == "synthetic"
    assert summary["split"] == "validation"
    assert summary["convention"] == "mit"
    assert set(summary["center_bias"]) == {"bandwidth", "uniform_share", "gain"}


def test_published_density_stands_in_for_missing_fixations(source):
    example = source[0]
    example.points = example.points[:0]
    counts, density = ground_truth(example, "mit")
    assert not counts.any()
    assert density.shape == (example.height, example.width)
    assert bool(example.density) == bool(density.any())


def test_unknown_names_fail_before_the_work(source):
    with pytest.raises(UserError, match="conventions are"):
        Scoreboard(source, "tubingen")
    with pytest.raises(UserError, match="no metric"):
        Scoreboard(source, "mit", names=("AUC",))
