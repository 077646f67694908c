"""iSUN: photographs of the SUN database, watched by workers through webcams in a game.

Published layout:

    images/NAME.jpg
    training.mat, validation.mat, testing.mat
            a struct array of the file's name: image (NAME without ending), resolution
            [height width], gaze (struct array, one element per worker; its third field,
            `fixation`, is n x 2, x and y)

Positions count from 1. The testing images have no gaze.

Citation: Xu et al., TurkerGaze: Crowdsourcing Saliency with Webcam based Eye Tracking,
arXiv:1504.06755, 2015.
"""

from functools import partial

import numpy as np

from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.raw.dataset_spec import Count, DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.item_checks import check_annotated_size, check_trials
from samjax.data.raw.lookup import files_by_key, only_file
from samjax.data.raw.mat_file import field, field_names, number_rows, structs, text, variable
from samjax.data.raw.points import Points, concatenate, make_example, scanpath, to_zero_based
from samjax.data.raw.problems import Problems
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

FILES = {"training": "train", "validation": "validation", "testing": "test"}
FIXATIONS_FIELD = 2  # of `gaze`, where it has another name than `fixation`


def find_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return the images of each split, in the order of its file."""
    images = files_by_key(tree, r"images/([^/]+)\.jpg", warnings)
    splits: dict[str, list[Item]] = {}
    for stem, split in FILES.items():
        mat_file = only_file(tree, rf"{stem}\.mat", f"{stem}.mat")
        splits[split] = []
        for struct in structs(variable(tree, mat_file, stem)):
            name = text(field(struct, "image", mat_file))
            if name not in images:
                warnings.add("annotations without image", name, f"there is no images/{name}.jpg")
                continue
            height, width = (int(v) for v in np.ravel(field(struct, "resolution", mat_file)))
            trials = _trials(struct, f"{mat_file}: {name}")
            load = partial(_load, tree, name, images[name], trials, (height, width))
            splits[split].append(Item(name, load, tree.size(images[name])))
    return splits


def _trials(struct: np.void, where: str) -> list[Points]:
    """Return a scanpath for each worker; none for an image of testing."""
    if "gaze" not in field_names(struct):
        return []
    trials = []
    for number, worker in enumerate(structs(struct["gaze"])):
        if field_names(worker):  # not so for an empty []
            xy = number_rows(_fixations(worker, where), 2, where)
            trials.append(scanpath(to_zero_based(xy), number))
    return trials


def _fixations(worker: np.void, where: str) -> np.ndarray:
    names = field_names(worker)
    if "fixation" in names:
        return worker["fixation"]
    if len(names) <= FIXATIONS_FIELD:
        raise UserError(f"{where}: gaze has no fixations (it has {', '.join(names)})")
    return worker[names[FIXATIONS_FIELD]]


def _load(
    tree: Tree, name: str, image: str, trials: list[Points], size: tuple[int, int]
) -> LoadedItem:
    example = make_example(name, tree.read(image), concatenate(trials))
    warnings = check_annotated_size(example, *size) + check_trials(name, trials)
    return LoadedItem(example, warnings)


BASE = "http://lsun.cs.princeton.edu/challenge/2015/eyetracking/data"
DEAD = "the host is dead; get {} where you can, its md5 is checked"


def _file(name: str, md5: str) -> Download:
    return Download(name, f"{BASE}/{name}", md5, manual=DEAD.format(name))


PUBLISHED = (
    DatasetSpec(
        name="isun",
        facts=Facts(
            sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION),
            edition="LSUN challenge of 2015",
            split_recipe="as published; the gaze of test is withheld",
            description=(
                "iSUN: photographs of the SUN database, webcam eye tracking by workers in a game. "
                "A subject's number counts the workers of one image. One degree is not "
                "established; 3 % of the longer side is assumed."
            ),
            citation=(
                "Pingmei Xu, Krista A. Ehinger, Yinda Zhang, Adam Finkelstein, Sanjeev R. "
                "Kulkarni, Jianxiong Xiao. TurkerGaze: Crowdsourcing Saliency with Webcam based "
                "Eye Tracking. arXiv:1504.06755, 2015."
            ),
            licence="not stated",
        ),
        find_items=find_items,
        counts={"train": Count(6_000)},
        downloads=(
            _file("image.zip", "0a3af01c5307f1d44f5dd309f71ea963"),
            _file("training.mat", "5a8b15134b17c7a3f69b087845db1363"),
            _file("validation.mat", "f68e9b011576e48d2460b883854fd86c"),
            _file("testing.mat", "be008ef0330467dcb9c9cd9cc96a8546"),
        ),
        user_must_get="image.zip and the three .mat files (the host is dead)",
    ),
)
