"""OSIE in its published layout: 700 images of 800 x 600, 15 subjects, 3 s.

    data/stimuli/1001.jpg .. 1700.jpg
    data/eye/fixations.mat    `fixations`, a cell of structs {img, subjects}, `subjects` a cell of
                              structs {fix_x, fix_y, fix_duration}: 1-based pixels, ms

The first fixation of a trial, near the centre, is kept. Durations are small unsigned integers.
"""

from dataclasses import replace
from functools import partial

import numpy as np

from samjax.data.builders.known import KNOWN
from samjax.data.raw.dataset_spec import Count, DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.lookup import by_key, only
from samjax.data.raw.mat_file import field, records, text, variable
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
from samjax.data.raw.random_split import random_split, recipe
from samjax.data.raw.tree import Tree

SHARES = {"train": 500, "validation": 200}
TWIN, OF = "1374", "1279"  # practically the same photograph


def items(tree: Tree, faults: Faults) -> dict[str, list[Item]]:
    images = by_key(tree, r"stimuli/(\d+)\.jpg", faults)
    trials = _trials(tree)
    for stem in sorted(images.keys() ^ trials.keys()):
        kind = "image without fixations" if stem in images else "fixations without image"
        faults.add(kind, stem, "has no partner in the source")
    members = [
        Item(stem, partial(_load, tree, stem, images[stem], trials[stem]), tree.size(images[stem]))
        for stem in sorted(images.keys() & trials.keys())
    ]
    return _twins_together(random_split(members, SHARES))


def _twins_together(splits: dict[str, list[Item]]) -> dict[str, list[Item]]:
    """One of two near-identical images must not be validated on where the other is trained on."""
    home = next((s for s, m in splits.items() if any(i.image_id == OF for i in m)), None)
    twins = [item for members in splits.values() for item in members if item.image_id == TWIN]
    if home is None or not twins:
        return splits
    others = {s: [i for i in m if i.image_id != TWIN] for s, m in splits.items()}
    others[home] = sorted([*others[home], *twins], key=lambda item: item.image_id)
    return others


def _trials(tree: Tree) -> dict[str, list[Points]]:
    """{stem: trials}: 100,000 fixations in all."""
    where = only(tree, r"eye/fixations\.mat", "data/eye/fixations.mat")
    found = {}
    for image in records(variable(tree, where, "fixations")):
        stem = text(field(image, "img", where)).removesuffix(".jpg")
        subjects = records(field(image, "subjects", where))
        found[stem] = [_trial(s, number, where) for number, s in enumerate(subjects)]
    return found


def _trial(record: np.void, subject: int, where: str) -> Points:
    x, y, duration = (
        np.asarray(field(record, name, where), np.float64).ravel()
        for name in ("fix_x", "fix_y", "fix_duration")
    )
    return scanpath(from_one(np.stack([x, y], axis=-1)), subject, duration)


def _load(tree: Tree, stem: str, image: str, trials: list[Points]) -> LoadedItem:
    found = example(stem, tree.read(image), concatenate(trials))
    return LoadedItem(found, wrong_size(found, 600, 800) + odd_trials(stem, trials))


ADDRESS = "https://github.com/NUS-VIP/predicting-human-gaze-beyond-pixels/archive/master.zip"

PUBLISHED = (
    DatasetSpec(
        name="osie",
        facts=replace(
            KNOWN["osie"],
            edition="NUS-VIP/predicting-human-gaze-beyond-pixels, original files",
            split_recipe=f"{recipe(SHARES)}; {TWIN}, nearly the same as {OF}, goes with it",
        ),
        items=items,
        counts={"train": Count(500), "validation": Count(200)},
        downloads=(Download("master.zip", ADDRESS),),
    ),
)
