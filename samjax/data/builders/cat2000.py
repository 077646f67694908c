"""CAT2000: 2000 images of 20 categories for training and 2000 for testing, all 1920 x 1080, 5 s.

Published layout:

    trainSet/Stimuli/CATEGORY/NNN.jpg         (folders "Output" in there hold no stimuli)
    trainSet/FIXATIONLOCS/CATEGORY/NNN.mat    `fixLocs`, 1080 x 1920, 1 where fixated
    trainSet/FIXATIONMAPS/CATEGORY/NNN.jpg    density maps
    testSet/Stimuli/CATEGORY/NNN.jpg

An image's id is CATEGORY_NNN. Stimuli of another aspect are padded with grey (126, 126, 126) to
16:9, and fixations are positions in the padded image. The file allFixData.mat, which names the
subjects, is a MATLAB Map that no reader but MATLAB opens. Therefore there are no subjects and no
order, and fixations on the same pixel count once. EXIF orientations in the files are wrong, and
ignored.

Citation: Borji and Itti, CAT2000: A Large Scale Fixation Dataset for Boosting Saliency Research,
CVPR workshop on the Future of Datasets, 2015.
"""

from functools import partial

import numpy as np

from samjax.data.example import Facts, Sigma
from samjax.data.raw.dataset_spec import Count, DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.item_checks import check_common_size
from samjax.data.raw.lookup import files_by_key
from samjax.data.raw.mat_file import variable
from samjax.data.raw.points import make_example, make_points, no_points
from samjax.data.raw.problems import Problems
from samjax.data.raw.random_split import SEED
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

HEIGHT, WIDTH = 1080, 1920
TRAIN_PERCENT = 80  # of the hundred images of a category
STIMULI = r"Stimuli/([^/]+)/(\d{3})\.jpg"


def find_train_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return the images that have published fixations, split within each category."""
    images = files_by_key(tree, rf"trainSet/{STIMULI}", warnings)
    fixations = files_by_key(tree, r"FIXATIONLOCS/([^/]+)/(\d{3})\.mat", warnings)
    maps = files_by_key(tree, r"FIXATIONMAPS/([^/]+)/(\d{3})\.jpg", warnings)
    by_category: dict[str, list[Item]] = {}
    for key, name in sorted(images.items()):
        if key not in fixations:
            warnings.add("image without fixations", name, f"there is no FIXATIONLOCS/{key}.mat")
            continue
        load = partial(_load, tree, _image_id(key), name, fixations[key], maps.get(key))
        item = Item(_image_id(key), load, tree.size(name))
        by_category.setdefault(key.split("/")[0], []).append(item)
    splits: dict[str, list[Item]] = {"train": [], "validation": []}
    for items in by_category.values():
        order = np.random.RandomState(SEED).permutation(len(items))
        first = set(order[: round(TRAIN_PERCENT * len(items) / 100)].tolist())
        for i, item in enumerate(items):
            splits["train" if i in first else "validation"].append(item)
    return splits


def find_test_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return the images whose fixations are withheld."""
    images = files_by_key(tree, rf"testSet/{STIMULI}", warnings)
    items = []
    for key, name in sorted(images.items()):
        load = partial(_load, tree, _image_id(key), name, None, None)
        items.append(Item(_image_id(key), load, tree.size(name)))
    return {"test": items}


def _image_id(key: str) -> str:
    return key.replace("/", "_")


def _load(
    tree: Tree, image_id: str, image: str, fixations: str | None, density: str | None
) -> LoadedItem:
    points = make_points(_fixated_pixels(tree, fixations)) if fixations else no_points()
    content = tree.read(density) if density else b""
    example = make_example(image_id, tree.read(image), points, content)
    return LoadedItem(example, check_common_size(example, HEIGHT, WIDTH))


def _fixated_pixels(tree: Tree, name: str) -> np.ndarray:
    """Return the positions [N, 2] (x, y) of the pixels that are not 0 in `fixLocs`."""
    fixated = variable(tree, name, "fixLocs")
    if fixated.shape != (HEIGHT, WIDTH):
        shape = " x ".join(map(str, fixated.shape))
        raise UserError(f"`fixLocs` of {name} is {shape}, not {HEIGHT} x {WIDTH}")
    rows, columns = fixated.nonzero()
    return np.stack([columns, rows], axis=-1)


DESCRIPTION = (
    "CAT2000: 20 categories, 1920 x 1080 with grey borders (126, 126, 126) where padded, 5 s"
)


def _facts(edition: str, split_recipe: str, description: str) -> Facts:
    return Facts(
        # The Gaussian whose blur comes nearest to the published maps.
        sigma=Sigma(pixels=40.0),
        pixels_per_degree=38.0,
        edition=edition,
        split_recipe=split_recipe,
        description=description,
        citation=(
            "Ali Borji, Laurent Itti. CAT2000: A Large Scale Fixation Dataset for Boosting "
            "Saliency Research. CVPR workshop on the Future of Datasets, 2015. arXiv:1505.03581"
        ),
        licence="not stated",
    )


PUBLISHED = (
    DatasetSpec(
        name="cat2000",
        facts=_facts(
            edition="trainSet.zip, fixations from FIXATIONLOCS",
            split_recipe=(
                f"one numpy RandomState({SEED}).permutation for every category, the first 80 of "
                "100 train, the rest validation, as in alexanderkroner/saliency"
            ),
            description=(
                f"{DESCRIPTION}; fixations of 18 subjects merged: no subjects, order or repeats"
            ),
        ),
        find_items=find_train_items,
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
        facts=_facts(
            edition="testSet.zip, images only",
            split_recipe="all images are test; the fixations of 24 subjects are withheld",
            description=DESCRIPTION,
        ),
        find_items=find_test_items,
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
