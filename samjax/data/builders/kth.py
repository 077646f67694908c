"""KTH (Kootstra): 100 photographs of 1024 x 768 in five categories, 31 subjects.

    CATEGORY_NN.png      animals, automan, buildings, flowers, nature
    eyeTrackData.mat     eyeTrackData.CATEGORY.CATEGORY_NN.subject_NN.fixX and .fixY

Positions are read from 1: published scripts round them and index MATLAB's arrays with them. That,
the durations and the time of viewing are not established.
"""

from functools import partial

import numpy as np

from samjax.data.example import Facts, Sigma
from samjax.data.raw.dataset_spec import DatasetSpec, Item, LoadedItem
from samjax.data.raw.lookup import by_key, only
from samjax.data.raw.mat_file import field, fields, records, variable
from samjax.data.raw.points import (
    Points,
    concatenate,
    example,
    from_one,
    odd_trials,
    scanpath,
    wrong_size,
)
from samjax.data.raw.problems import Faults
from samjax.data.raw.random_split import counts, random_split, recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

HEIGHT, WIDTH = 768, 1024
PIXELS_PER_DEGREE = 34.8  # a screen of 36 x 27 cm seen from 70 cm
CATEGORIES = ("animals", "automan", "buildings", "flowers", "nature")


def items(tree: Tree, faults: Faults) -> dict[str, list[Item]]:
    images = by_key(tree, rf"((?:{'|'.join(CATEGORIES)})_\d+)\.png", faults)
    where = only(tree, r"eyeTrackData\.mat", "eyeTrackData.mat")
    root = _struct(variable(tree, where, "eyeTrackData"), where)
    members = []
    for stem, name in sorted(images.items()):
        category = stem.rsplit("_", 1)[0]
        trials = _trials(root, category, stem, where)
        if trials is None:
            faults.add("image without fixations", name, f"{where} has no {category}.{stem}")
            continue
        members.append(Item(stem, partial(_load, tree, stem, name, trials), tree.size(name)))
    return random_split(members)


def _trials(root: np.void, category: str, stem: str, where: str) -> list[Points] | None:
    """A scanpath for each subject of an image; None if the image is not there."""
    if category not in fields(root) or stem not in fields(images := _struct(root[category], where)):
        return None
    people = _struct(images[stem], where)
    return [
        scanpath(_positions(_struct(people[name], where), f"{where}: {stem}.{name}"), number)
        for name in fields(people)
        if (number := _number(name)) is not None
    ]


def _positions(subject: np.void, where: str) -> np.ndarray:
    x, y = (np.asarray(field(subject, key, where), np.float64).ravel() for key in ("fixX", "fixY"))
    if len(x) != len(y):
        raise UserError(f"{where} has {len(x)} fixX and {len(y)} fixY; mend the file")
    return from_one(np.stack([x, y], axis=-1))


def _number(name: str) -> int | None:
    prefix, _, number = name.partition("_")
    return int(number) if prefix == "subject" and number.isdigit() else None


def _struct(value, where: str) -> np.void:
    found = records(value)
    if len(found) != 1:
        raise UserError(f"{where} has {len(found)} structs where one is expected")
    return found[0]


def _load(tree: Tree, stem: str, name: str, trials: list[Points]) -> LoadedItem:
    found = example(stem, tree.read(name), concatenate(trials))
    return LoadedItem(found, wrong_size(found, HEIGHT, WIDTH) + odd_trials(stem, trials))


PUBLISHED = (
    DatasetSpec(
        name="kth",
        facts=Facts(
            sigma=Sigma(pixels=PIXELS_PER_DEGREE),
            pixels_per_degree=PIXELS_PER_DEGREE,
            edition="eyeTrackData.mat, eyeTrackImages.tgz",
            split_recipe=recipe(),
            description="KTH: photographs of 1024 x 768 in five categories, 31 subjects",
            citation=(
                "Gert Kootstra, Bart de Boer, Lambert R. B. Schomaker. Predicting Eye Fixations on "
                "Complex Visual Stimuli Using Local Symmetry. Cognitive Computation 3(1), 2011."
            ),
            licence="not stated",
        ),
        items=items,
        counts=counts(100),
        you_get="eyeTrackImages.tgz and eyeTrackData.mat: both published addresses are dead",
    ),
)
