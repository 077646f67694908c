"""KTH (Kootstra et al.): 100 photographs of 1024 x 768 in five categories, 31 subjects.

Published layout:

    CATEGORY_NN.png      animals, automan, buildings, flowers, nature
    eyeTrackData.mat     eyeTrackData.CATEGORY.CATEGORY_NN.subject_NN.fixX and .fixY

Positions are read as 1-based, because published scripts round them and index MATLAB's arrays with
them. That, the durations and the time of viewing are not established.

Citation: Kootstra, de Boer and Schomaker, Predicting Eye Fixations on Complex Visual Stimuli Using
Local Symmetry, Cognitive Computation 3(1), 2011.
"""

from functools import partial
from typing import Any

import numpy as np

from samjax.data.example import Facts, Sigma
from samjax.data.raw.dataset_spec import DatasetSpec, Item, LoadedItem
from samjax.data.raw.item_checks import check_common_size, check_trials
from samjax.data.raw.lookup import files_by_key, only_file
from samjax.data.raw.mat_file import field, field_names, structs, variable
from samjax.data.raw.points import Points, concatenate, make_example, scanpath, to_zero_based
from samjax.data.raw.problems import Problems
from samjax.data.raw.random_split import random_split, split_counts, split_recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

HEIGHT, WIDTH = 768, 1024
PIXELS_PER_DEGREE = 34.8  # a screen of 36 x 27 cm seen from 70 cm
CATEGORIES = ("animals", "automan", "buildings", "flowers", "nature")


def find_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return the images that have fixations."""
    images = files_by_key(tree, rf"((?:{'|'.join(CATEGORIES)})_\d+)\.png", warnings)
    mat_file = only_file(tree, r"eyeTrackData\.mat", "eyeTrackData.mat")
    categories = _only_struct(variable(tree, mat_file, "eyeTrackData"), mat_file)
    items = []
    for stem, name in sorted(images.items()):
        category = stem.rsplit("_", 1)[0]
        trials = _trials(categories, category, stem, mat_file)
        if trials is None:
            warnings.add("image without fixations", name, f"{mat_file} has no {category}.{stem}")
            continue
        items.append(Item(stem, partial(_load, tree, stem, name, trials), tree.size(name)))
    return random_split(items)


def _trials(categories: np.void, category: str, stem: str, where: str) -> list[Points] | None:
    """Return a scanpath for each subject of an image; None if the image is not there."""
    if category not in field_names(categories):
        return None
    images = _only_struct(categories[category], where)
    if stem not in field_names(images):
        return None
    people = _only_struct(images[stem], where)
    trials = []
    for name in field_names(people):
        number = _subject_number(name)
        if number is not None:
            xy = _positions(_only_struct(people[name], where), f"{where}: {stem}.{name}")
            trials.append(scanpath(xy, number))
    return trials


def _positions(subject: np.void, where: str) -> np.ndarray:
    """Return [N, 2] (x, y), 0-based."""
    x = np.asarray(field(subject, "fixX", where), np.float64).ravel()
    y = np.asarray(field(subject, "fixY", where), np.float64).ravel()
    if len(x) != len(y):
        raise UserError(f"{where} has {len(x)} fixX and {len(y)} fixY; mend the file")
    return to_zero_based(np.stack([x, y], axis=-1))


def _subject_number(name: str) -> int | None:
    """Return 7 for 'subject_07', and None for the name of any other field."""
    prefix, _, number = name.partition("_")
    return int(number) if prefix == "subject" and number.isdigit() else None


def _only_struct(value: Any, where: str) -> np.void:
    elements = structs(value)
    if len(elements) != 1:
        raise UserError(f"{where} has {len(elements)} structs where one is expected")
    return elements[0]


def _load(tree: Tree, stem: str, image: str, trials: list[Points]) -> LoadedItem:
    example = make_example(stem, tree.read(image), concatenate(trials))
    warnings = check_common_size(example, HEIGHT, WIDTH) + check_trials(stem, trials)
    return LoadedItem(example, warnings)


PUBLISHED = (
    DatasetSpec(
        name="kth",
        facts=Facts(
            sigma=Sigma(pixels=PIXELS_PER_DEGREE),
            pixels_per_degree=PIXELS_PER_DEGREE,
            edition="eyeTrackData.mat, eyeTrackImages.tgz",
            split_recipe=split_recipe(),
            description="KTH: photographs of 1024 x 768 in five categories, 31 subjects",
            citation=(
                "Gert Kootstra, Bart de Boer, Lambert R. B. Schomaker. Predicting Eye Fixations on "
                "Complex Visual Stimuli Using Local Symmetry. Cognitive Computation 3(1), 2011."
            ),
            licence="not stated",
        ),
        find_items=find_items,
        counts=split_counts(100),
        user_must_get="eyeTrackImages.tgz and eyeTrackData.mat: both published addresses are dead",
    ),
)
