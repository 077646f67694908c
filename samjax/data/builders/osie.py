"""OSIE: 700 photographs of 800 x 600 with several objects of interest, 15 subjects, 3 s.

Published layout:

    data/stimuli/1001.jpg .. 1700.jpg
    data/eye/fixations.mat    `fixations`, a cell of structs {img, subjects}; `subjects` is a cell
                              of structs {fix_x, fix_y, fix_duration}: 1-based pixels, ms

The first fixation of a trial, near the centre, is kept. Durations are small unsigned integers.

Citation: Xu et al., Predicting human gaze beyond pixels, Journal of Vision 14(1):28, 2014.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from samjax.data.builders.known_facts import KNOWN_FACTS
from samjax.data.raw.dataset_spec import Count, DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.item_checks import check_common_size, check_trials
from samjax.data.raw.lookup import files_by_key, only_file
from samjax.data.raw.mat_file import field, structs, text, variable
from samjax.data.raw.points import Points, concatenate, make_example, scanpath, to_zero_based
from samjax.data.raw.problems import Problems
from samjax.data.raw.random_split import random_split, split_recipe
from samjax.data.raw.tree import Tree

HEIGHT, WIDTH = 600, 800
RATIO = {"train": 500, "validation": 200}
TWIN, ORIGINAL = "1374", "1279"  # practically the same photograph


def find_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return the images that have fixations."""
    images = files_by_key(tree, r"stimuli/(\d+)\.jpg", warnings)
    trials = _read_trials(tree)
    for stem in sorted(images.keys() ^ trials.keys()):
        kind = "image without fixations" if stem in images else "fixations without image"
        warnings.add(kind, stem, "has no partner in the source")
    items = []
    for stem in sorted(images.keys() & trials.keys()):
        load = partial(_load, tree, stem, images[stem], trials[stem])
        items.append(Item(stem, load, tree.size(images[stem])))
    return _twins_together(random_split(items, RATIO))


def _twins_together(splits: dict[str, list[Item]]) -> dict[str, list[Item]]:
    """Return the splits with TWIN moved to the split of ORIGINAL.

    A model must not be validated on an image of which it has seen a near-copy in training.
    """
    split_of = {item.image_id: split for split, items in splits.items() for item in items}
    if TWIN not in split_of or ORIGINAL not in split_of:
        return splits
    # Sorted again, so that the order is that of a split into which the twin was drawn.
    twin = next(item for item in splits[split_of[TWIN]] if item.image_id == TWIN)
    moved = {
        split: [item for item in items if item.image_id != TWIN] for split, items in splits.items()
    }
    home = split_of[ORIGINAL]
    moved[home] = sorted([*moved[home], twin], key=lambda item: item.image_id)
    return moved


def _read_trials(tree: Tree) -> dict[str, list[Points]]:
    """Return {stem: trials}, 100,000 fixations in all."""
    mat_file = only_file(tree, r"eye/fixations\.mat", "data/eye/fixations.mat")
    trials = {}
    for image in structs(variable(tree, mat_file, "fixations")):
        stem = text(field(image, "img", mat_file)).removesuffix(".jpg")
        subjects = structs(field(image, "subjects", mat_file))
        trials[stem] = [_trial(struct, number, mat_file) for number, struct in enumerate(subjects)]
    return trials


def _trial(struct: np.void, subject: int, mat_file: str) -> Points:
    # By way of float64: durations come in the smallest unsigned type that holds a trial's.
    x, y, duration_ms = (
        np.asarray(field(struct, name, mat_file), np.float64).ravel()
        for name in ("fix_x", "fix_y", "fix_duration")
    )
    return scanpath(to_zero_based(np.stack([x, y], axis=-1)), subject, duration_ms)


def _load(tree: Tree, stem: str, image: str, trials: list[Points]) -> LoadedItem:
    example = make_example(stem, tree.read(image), concatenate(trials))
    warnings = check_common_size(example, HEIGHT, WIDTH) + check_trials(stem, trials)
    return LoadedItem(example, warnings)


ADDRESS = "https://github.com/NUS-VIP/predicting-human-gaze-beyond-pixels/archive/master.zip"

PUBLISHED = (
    DatasetSpec(
        name="osie",
        facts=replace(
            KNOWN_FACTS["osie"],
            edition="NUS-VIP/predicting-human-gaze-beyond-pixels, original files",
            split_recipe=(
                f"{split_recipe(RATIO)}; {TWIN}, nearly the same as {ORIGINAL}, goes with it"
            ),
        ),
        find_items=find_items,
        counts={"train": Count(500), "validation": Count(200)},
        downloads=(Download("master.zip", ADDRESS),),
    ),
)
