"""Folds hold every image out once; subjects choose fixations."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from example_factory import make_example

from samjax.data.example import Example
from samjax.data.selection import Selection, fold, of_subjects
from samjax.errors import UserError


@pytest.mark.parametrize(("count", "folds"), [(10, 3), (24, 10), (7, 7)])
def test_every_image_is_held_out_once(count, folds):
    parts = [fold(count, folds, k) for k in range(folds)]
    assert sorted(i for _, held in parts for i in held) == list(range(count))
    for kept, held in parts:
        assert sorted(kept + held) == list(range(count))
    assert fold(count, folds, 1) == parts[1]


def test_impossible_folds_are_refused():
    for folds, number in ((1, 0), (3, 3), (99, 0)):
        with pytest.raises(UserError, match=r"--config.data.folds"):
            fold(10, folds, number)


def gaze(image_id: str = "a") -> Example:
    """An example with six fixations by three subjects, and a published density."""
    subject = np.array([0, 1, 3, 0, 2, 1], np.int32)
    points = [[n, 2 * n] for n in range(6)]
    return make_example(b"", points, 20, 30, image_id, subject=subject, density=b"everybody's")


class Images(list):
    """What a source offers, in memory."""

    dataset = SimpleNamespace(name="theirs")
    split = "train"

    def image_id(self, i: int) -> str:
        return self[i].image_id


def test_a_selection_has_the_chosen_images_and_their_names():
    source = Images(gaze(name) for name in "abcd")
    part = Selection(source, indices=[3, 1])
    assert len(part) == 2
    assert [part.image_id(i) for i in range(2)] == ["d", "b"]
    assert [part[i].image_id for i in range(2)] == ["d", "b"]
    assert part[0] is source[3]  # with its published density
    assert (part.dataset.name, part.split) == ("theirs", "train")
    assert len(Selection(source)) == 4


def test_a_selection_of_subjects_has_their_fixations_in_every_image():
    part = Selection(Images([gaze(), gaze("b")]), subjects=(1,))
    assert all(set(part[i].subject) == {1} for i in range(2))


def test_subjects_choose_fixations_and_not_the_published_map():
    example = gaze()
    chosen = of_subjects(example, (1, 3))
    assert chosen.subject.tolist() == [1, 3, 1]
    np.testing.assert_array_equal(chosen.points, example.points[[1, 2, 5]])
    assert not chosen.density
    with pytest.raises(UserError, match="name no subjects"):
        of_subjects(replace(example, subject=np.full(6, -1, np.int32)), (1,))
