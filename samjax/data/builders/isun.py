"""iSUN: photographs of the SUN database, watched through webcams in a game.

    images/NAME.jpg
    training.mat, validation.mat, testing.mat    a struct array of the file's name: image (NAME
                                without ending), resolution [height width], gaze (struct array, one
                                element per worker; its third field, `fixation`, is n x 2, x and y)

Positions count from 1. The testing images have no gaze.
"""

from functools import partial

import numpy as np

from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.raw.dataset_spec import Count, DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.lookup import by_key, only
from samjax.data.raw.mat_file import field, fields, records, rows, text, variable
from samjax.data.raw.points import (
    Points,
    concatenate,
    example,
    from_one,
    odd_trials,
    other_size,
    scanpath,
)
from samjax.data.raw.problems import Faults
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

FILES = {"training": "train", "validation": "validation", "testing": "test"}
THIRD = 2  # of the fields of `gaze`


def items(tree: Tree, faults: Faults) -> dict[str, list[Item]]:
    images = by_key(tree, r"images/([^/]+)\.jpg", faults)
    found = {}
    for stem, split in FILES.items():
        where = only(tree, rf"{stem}\.mat", f"{stem}.mat")
        found[split] = []
        for record in records(variable(tree, where, stem)):
            name = text(field(record, "image", where))
            if name not in images:
                faults.add("annotations without image", name, f"there is no images/{name}.jpg")
                continue
            size = tuple(int(v) for v in np.ravel(field(record, "resolution", where)))
            workers = _workers(record, f"{where}: {name}")
            load = partial(_load, tree, name, images[name], workers, size)
            found[split].append(Item(name, load, tree.size(images[name])))
    return found


def _workers(record: np.void, where: str) -> list[Points]:
    """A scanpath for each worker; none for an image of testing."""
    if "gaze" not in fields(record):
        return []
    return [
        scanpath(from_one(rows(_fixations(worker, where), 2, where)), number)
        for number, worker in enumerate(records(record["gaze"]))
        if fields(worker)
    ]


def _fixations(worker: np.void, where: str):
    names = fields(worker)
    if "fixation" in names:
        return worker["fixation"]
    if len(names) <= THIRD:
        raise UserError(f"{where}: gaze has no fixations (it has {', '.join(names)})")
    return worker[names[THIRD]]


def _load(
    tree: Tree, name: str, image: str, workers: list[Points], size: tuple[int, ...]
) -> LoadedItem:
    found = example(name, tree.read(image), concatenate(workers))
    return LoadedItem(found, other_size(found, *size) + odd_trials(name, workers))


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
        items=items,
        counts={"train": Count(6_000)},
        downloads=(
            _file("image.zip", "0a3af01c5307f1d44f5dd309f71ea963"),
            _file("training.mat", "5a8b15134b17c7a3f69b087845db1363"),
            _file("validation.mat", "f68e9b011576e48d2460b883854fd86c"),
            _file("testing.mat", "be008ef0330467dcb9c9cd9cc96a8546"),
        ),
        you_get="image.zip and the three .mat files (the host is dead)",
    ),
)
