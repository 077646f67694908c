"""Scores of the parts of a split as one, and of one model among several."""

import numpy as np

from samjax.evaluation.scores import MODEL, Scores, concatenate, select_model


def part(names, values, not_finite=()):
    values = {"model": {"NSS": np.array(values)}}
    return Scores(list(names), values, list(not_finite), np.arange(float(len(names))))


def test_parts_are_joined_in_the_order_of_the_split():
    first = part("ac", [1.0, 3.0], [("c", "model")])
    second = part("bd", [2.0, 4.0])
    nothing = Scores([], {}, [], np.zeros(0))
    got = concatenate([(first, [0, 2]), (nothing, []), (second, [1, 3])])
    assert got.image_ids == list("abcd")
    np.testing.assert_array_equal(got.values["model"]["NSS"], [1, 2, 3, 4])
    np.testing.assert_array_equal(got.num_fixations, [0, 0, 1, 1])
    assert got.not_finite == [("c", "model")]


def test_trials_of_one_image_stay_in_their_order():
    got = concatenate([(part("bb", [3.0, 4.0]), [1, 1]), (part("aa", [1.0, 2.0]), [0, 0])])
    np.testing.assert_array_equal(got.values["model"]["NSS"], [1, 2, 3, 4])


def test_nothing_is_joined_to_nothing():
    nothing = Scores([], {}, [], np.zeros(0))
    assert concatenate([(nothing, [])]).image_ids == []


def test_one_model_is_chosen_among_several():
    values = {name: {"NSS": np.array([float(k)])} for k, name in enumerate(("T1", "T2", "uniform"))}
    not_finite = [("a", "T1"), ("a", "T2"), ("a", "uniform")]
    got = select_model(Scores(["a"], values, not_finite, np.ones(1)), "T2", ("T1", "T2"))
    assert list(got.values) == [MODEL, "uniform"]
    assert got.values[MODEL]["NSS"] == 1
    assert got.not_finite == [("a", MODEL), ("a", "uniform")]
