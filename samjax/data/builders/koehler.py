"""Koehler et al. (UCSB): 800 photographs of 405 x 405, looked at with three tasks.

    Images/image_r_1.jpg .. image_r_800.jpg
    ObserverData.mat    freeview_x, freeview_y, objsearch_x, ..., salview_y: each
                        [subject, image, fixation], padded with nan, 1-based

A task is a dataset of its own.
"""

from functools import partial

import numpy as np

from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.raw.dataset_spec import DatasetSpec, Item, LoadedItem
from samjax.data.raw.lookup import by_key, by_number, only
from samjax.data.raw.mat_file import variables
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

SIZE = 405


def items(tree: Tree, faults: Faults, task: str) -> dict[str, list[Item]]:
    images = by_number(by_key(tree, r"image_r_(\d+)\.jpg", faults))
    where = only(tree, r"ObserverData\.mat", "ObserverData.mat")
    found = variables(tree, where)
    missing = [name for name in (f"{task}_x", f"{task}_y") if name not in found]
    if missing:
        raise UserError(f"{where} has no variable '{missing[0]}' (it has {', '.join(found)})")
    xy = np.stack([found[f"{task}_x"], found[f"{task}_y"]], axis=-1).astype(np.float64)
    members = []
    for number, name in images:
        if not 0 < number <= xy.shape[1]:
            faults.add("image without fixations", name, f"{where} has {xy.shape[1]} images")
            continue
        image_id = f"image_r_{number}"
        load = partial(_load, tree, image_id, name, _trials(xy[:, number - 1]))
        members.append(Item(image_id, load, tree.size(name)))
    return random_split(members)


def _trials(xy: np.ndarray) -> list[Points]:
    """Of one image's [subject, fixation, 2]; a subject with nothing but nan did not see it."""
    seen = np.isfinite(xy).all(axis=-1)
    return [
        scanpath(from_one(points[real]), subject)
        for subject, (points, real) in enumerate(zip(xy, seen, strict=True))
        if real.any()
    ]


def _load(tree: Tree, image_id: str, name: str, trials: list[Points]) -> LoadedItem:
    found = example(image_id, tree.read(name), concatenate(trials))
    return LoadedItem(found, wrong_size(found, SIZE, SIZE) + odd_trials(image_id, trials))


def _edition(task: str, what: str) -> DatasetSpec:
    return DatasetSpec(
        name=f"koehler_{task}",
        facts=Facts(
            sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION),
            edition=f"PublicData.zip, {what}",
            split_recipe=recipe(),
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
        items=partial(items, task=task),
        counts=counts(800),
        you_get="PublicData.zip, after a form at labs.psych.ucsb.edu/eckstein (saliencydata.html)",
    )


PUBLISHED = (
    _edition("freeview", "free viewing"),
    _edition("objsearch", "object search"),
    _edition("salview", "judging which half is more salient"),
)
