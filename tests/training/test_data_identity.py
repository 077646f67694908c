"""Data are told apart by what they are, not by where they lie."""

import shutil

import pytest

from samjax.data.mixture import WeightedSource, open_mixture
from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.selection import Selection
from samjax.data.sources import Source, open_dataset
from samjax.data.synthetic.scenes import SceneSpec
from samjax.errors import UserError
from samjax.training.data_identity import identify


def identity(folder, split="train", **options) -> dict:
    mixture = open_mixture("synthetic", split, folder, **options)
    return identify(mixture, mixture)["train"]["synthetic"]


def prepare(folder, seed=1):
    spec = SceneSpec(48, 64, subjects=4)
    prepare_synthetic(data_dir=folder, spec=spec, counts={"train": 3, "validation": 2}, seed=seed)
    return folder


def test_the_counts_are_those_of_the_split(data_dir):
    facts = identity(data_dir)
    assert (facts["version"], facts["images"]) == ("1.0.0", 24)
    assert facts["fixations"] > 24
    half = identity(data_dir, "train[:50%]")
    assert (half["images"], half["fixations"]) == (12, None)


def test_the_digest_goes_with_the_content_and_not_with_the_place(tmp_path):
    first = identity(prepare(tmp_path / "a"))
    assert identity(prepare(tmp_path / "b")) == first
    shutil.move(tmp_path / "b", tmp_path / "c")
    assert identity(tmp_path / "c") == first
    other = identity(prepare(tmp_path / "d", seed=2))
    assert other["images"] == first["images"]
    assert other["digest"] != first["digest"]


def test_data_without_anything_to_learn_from_are_refused(data_dir):
    training = open_mixture("synthetic", "train", data_dir)
    source = Source(open_dataset("synthetic", data_dir), "validation")
    # Nobody has the number 99; a configuration that asks for it is refused earlier.
    nobody = (WeightedSource("synthetic", Selection(source, subjects=(99,)), 1.0),)
    message = "no image of synthetic {} has fixations or a density, so nothing can be {}"
    with pytest.raises(UserError, match=message.format("validation", "validated on it")):
        identify(training, nobody)
    with pytest.raises(UserError, match=message.format("validation", "learned from it")):
        identify(nobody, training)
