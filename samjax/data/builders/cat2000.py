"""CAT2000: 2000 images of 20 categories for training and 2000 for testing, all 1920 x 1080, 5 s.

    trainSet/Stimuli/CATEGORY/NNN.jpg         (folders "Output" in there hold no stimuli)
    trainSet/FIXATIONLOCS/CATEGORY/NNN.mat    `fixLocs`, 1080 x 1920, 1 where fixated
    trainSet/FIXATIONMAPS/CATEGORY/NNN.jpg    density maps
    testSet/Stimuli/CATEGORY/NNN.jpg

An image is named CATEGORY_NNN. Stimuli of another aspect are padded with grey (126, 126, 126) to
16:9, and fixations are in the full frame. allFixData.mat, which names subjects, is a MATLAB Map
that no reader but MATLAB opens: so there are no subjects and no order, and repeats are merged.
EXIF orientations in the files are wrong, and ignored.
"""

from functools import partial

import numpy as np

from samjax.data.example import Facts, Sigma
from samjax.data.raw.dataset_spec import Count, DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.lookup import by_key
from samjax.data.raw.mat_file import variable
from samjax.data.raw.points import concatenate, example, points, wrong_size
from samjax.data.raw.problems import Faults
from samjax.data.raw.random_split import SEED
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

HEIGHT, WIDTH = 1080, 1920
TRAIN = 80  # of the hundred images of a category
STIMULI = r"Stimuli/([^/]+)/(\d{3})\.jpg"


def train_items(tree: Tree, faults: Faults) -> dict[str, list[Item]]:
    images = by_key(tree, rf"trainSet/{STIMULI}", faults)
    fixations = by_key(tree, r"FIXATIONLOCS/([^/]+)/(\d{3})\.mat", faults)
    maps = by_key(tree, r"FIXATIONMAPS/([^/]+)/(\d{3})\.jpg", faults)
    by_category: dict[str, list[Item]] = {}
    for key, name in sorted(images.items()):
        if key not in fixations:
            faults.add("image without fixations", name, f"there is no FIXATIONLOCS/{key}.mat")
            continue
        load = partial(_load, tree, _named(key), name, fixations[key], maps.get(key))
        item = Item(_named(key), load, tree.size(name))
        by_category.setdefault(key.split("/")[0], []).append(item)
    found: dict[str, list[Item]] = {"train": [], "validation": []}
    for members in by_category.values():
        order = np.random.RandomState(SEED).permutation(len(members))
        first = set(order[: round(TRAIN * len(members) / 100)].tolist())
        for i, item in enumerate(members):
            found["train" if i in first else "validation"].append(item)
    return found


def test_items(tree: Tree, faults: Faults) -> dict[str, list[Item]]:
    images = by_key(tree, rf"testSet/{STIMULI}", faults)
    return {
        "test": [
            Item(_named(key), partial(_load, tree, _named(key), name, None, None), tree.size(name))
            for key, name in sorted(images.items())
        ]
    }


def _named(key: str) -> str:
    return key.replace("/", "_")


def _load(
    tree: Tree, image_id: str, image: str, mat: str | None, density: str | None
) -> LoadedItem:
    content = tree.read(density) if density else b""
    fixations = points(_cells(tree, mat)) if mat else concatenate(())
    found = example(image_id, tree.read(image), fixations, content)
    return LoadedItem(found, wrong_size(found, HEIGHT, WIDTH))


def _cells(tree: Tree, name: str) -> np.ndarray:
    """(x, y) of the cells that are not zero, [N, 2]."""
    fixated = variable(tree, name, "fixLocs")
    if fixated.shape != (HEIGHT, WIDTH):
        shape = " x ".join(map(str, fixated.shape))
        raise UserError(f"`fixLocs` of {name} is {shape}, not {HEIGHT} x {WIDTH}")
    rows, columns = fixated.nonzero()
    return np.stack([columns, rows], axis=-1)


FACTS = {
    # The Gaussian whose blur comes nearest to the published maps.
    "sigma": Sigma(pixels=40.0),
    "pixels_per_degree": 38.0,
    "citation": (
        "Ali Borji, Laurent Itti. CAT2000: A Large Scale Fixation Dataset for Boosting Saliency "
        "Research. CVPR workshop on the Future of Datasets, 2015. arXiv:1505.03581"
    ),
    "licence": "not stated",
}
WHAT = "CAT2000: 20 categories, 1920 x 1080 with grey borders (126, 126, 126) where padded, 5 s"

PUBLISHED = (
    DatasetSpec(
        name="cat2000",
        facts=Facts(
            **FACTS,
            edition="trainSet.zip, fixations from FIXATIONLOCS",
            split_recipe=(
                f"one numpy RandomState({SEED}).permutation for every category, the first 80 of "
                "100 train, the rest validation, as in alexanderkroner/saliency"
            ),
            description=f"{WHAT}; fixations of 18 subjects merged: no subjects, order or repeats",
        ),
        items=train_items,
        counts={"train": Count(1600), "validation": Count(400)},
        downloads=(
            Download(
                "trainSet.zip",
                "http://saliency.mit.edu/trainSet.zip",
                "56ad5c77e6c8f72ed9ef2901628d6e48",
            ),
        ),
    ),
    DatasetSpec(
        name="cat2000_test",
        facts=Facts(
            **FACTS,
            edition="testSet.zip, images only",
            split_recipe="all images are test; the fixations of 24 subjects are withheld",
            description=WHAT,
        ),
        items=test_items,
        counts={"test": Count(2000, 0)},
        downloads=(
            Download(
                "testSet.zip",
                "http://saliency.mit.edu/testSet.zip",
                "903ec668df2e5a8470aef9d8654e7985",
            ),
        ),
    ),
)
