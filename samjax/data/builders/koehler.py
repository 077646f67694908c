"""Koehler et al. (UCSB): 800 photographs of 405 x 405, looked at with three tasks.

Published layout:

    Images/image_r_1.jpg .. image_r_800.jpg
    ObserverData.mat    freeview_x, freeview_y, objsearch_x, ..., salview_y: each
                        [subject, image, fixation], padded with nan, 1-based

Each task is a dataset of its own.

Citation: Koehler et al., What do saliency models predict?, Journal of Vision 14(3):14, 2014.
"""

from functools import partial

import numpy as np

from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.raw.dataset_spec import DatasetSpec, Item, LoadedItem
from samjax.data.raw.item_checks import check_common_size, check_trials
from samjax.data.raw.lookup import files_by_key, in_numeric_order, only_file
from samjax.data.raw.mat_file import variables
from samjax.data.raw.points import Points, concatenate, make_example, scanpath, to_zero_based
from samjax.data.raw.problems import Problems
from samjax.data.raw.random_split import random_split, split_counts, split_recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

SIZE = 405


def find_items(tree: Tree, warnings: Problems, task: str) -> dict[str, list[Item]]:
    """Return the images with the fixations of one task: freeview, objsearch or salview."""
    images = in_numeric_order(files_by_key(tree, r"image_r_(\d+)\.jpg", warnings))
    mat_file = only_file(tree, r"ObserverData\.mat", "ObserverData.mat")
    values = variables(tree, mat_file)
    missing = [name for name in (f"{task}_x", f"{task}_y") if name not in values]
    if missing:
        raise UserError(f"{mat_file} has no variable '{missing[0]}' (it has {', '.join(values)})")
    # [subject, image, fixation, 2]
    xy = np.stack([values[f"{task}_x"], values[f"{task}_y"]], axis=-1).astype(np.float64)
    items = []
    for number, name in images:
        if not 0 < number <= xy.shape[1]:
            warnings.add("image without fixations", name, f"{mat_file} has {xy.shape[1]} images")
            continue
        image_id = f"image_r_{number}"
        load = partial(_load, tree, image_id, name, _trials(xy[:, number - 1]))
        items.append(Item(image_id, load, tree.size(name)))
    return random_split(items)


def _trials(xy: np.ndarray) -> list[Points]:
    """Return the scanpaths of one image from its [subject, fixation, 2]."""
    trials = []
    for subject, padded in enumerate(xy):
        positions = padded[np.isfinite(padded).all(axis=-1)]
        if len(positions):  # a subject with nothing but nan did not see the image
            trials.append(scanpath(to_zero_based(positions), subject))
    return trials


def _load(tree: Tree, image_id: str, image: str, trials: list[Points]) -> LoadedItem:
    example = make_example(image_id, tree.read(image), concatenate(trials))
    warnings = check_common_size(example, SIZE, SIZE) + check_trials(image_id, trials)
    return LoadedItem(example, warnings)


def _edition(task: str, what: str) -> DatasetSpec:
    return DatasetSpec(
        name=f"koehler_{task}",
        facts=Facts(
            sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION),
            edition=f"PublicData.zip, {what}",
            split_recipe=split_recipe(),
            description=(
                f"Photographs of 405 x 405, {what}. One degree is not established; 3 % of the "
                "longer side is assumed."
            ),
            citation=(
                "Kathryn Koehler, Fei Guo, Sheng Zhang, Miguel P. Eckstein. What do saliency "
                "models predict? Journal of Vision 14(3):14, 2014."
            ),
            licence="not stated",
        ),
        find_items=partial(find_items, task=task),
        counts=split_counts(800),
        user_must_get=(
            "PublicData.zip, after a form at labs.psych.ucsb.edu/eckstein (saliencydata.html)"
        ),
    )


PUBLISHED = (
    _edition("freeview", "free viewing"),
    _edition("objsearch", "object search"),
    _edition("salview", "judging which half is more salient"),
)
