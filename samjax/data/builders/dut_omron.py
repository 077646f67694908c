"""DUT-OMRON with eye fixations: 5168 images, 400 pixels on the long side, 5 subjects, 2 s.

Published layout:

    DUT-OMRON-image/STEM.jpg
    DUT-OMRON-eye-fixations/mat/STEM.mat    `s`, whole numbers, M x 3: one row [width, height, 0],
                                            the others [x, y, subject from 1], 0-based

The row with the size is known by its subject 0. It is the first row as a rule, but not always.

Citation: Yang et al., Saliency Detection via Graph-Based Manifold Ranking, CVPR 2013.
"""

from functools import partial

import numpy as np

from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.raw.dataset_spec import DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.item_checks import check_annotated_size
from samjax.data.raw.lookup import files_by_key
from samjax.data.raw.mat_file import variable
from samjax.data.raw.points import make_example, make_points
from samjax.data.raw.problems import Problems
from samjax.data.raw.random_split import random_split, split_counts, split_recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

RATIO = {"train": 4168, "validation": 1000}


def find_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return the images that have fixations."""
    images = files_by_key(tree, r"DUT-OMRON-image/([^/]+)\.jpg", warnings)
    fixations = files_by_key(tree, r"DUT-OMRON-eye-fixations/mat/([^/]+)\.mat", warnings)
    items = []
    for stem, name in sorted(images.items()):
        if stem not in fixations:
            warnings.add("image without fixations", name, f"there is no mat/{stem}.mat")
            continue
        load = partial(_load, tree, stem, name, fixations[stem])
        items.append(Item(stem, load, tree.size(name)))
    for stem in sorted(set(fixations) - set(images)):
        warnings.add("fixations without image", fixations[stem], f"there is no {stem}.jpg")
    return random_split(items, RATIO)


def _load(tree: Tree, stem: str, image: str, fixations: str) -> LoadedItem:
    rows = np.asarray(variable(tree, fixations, "s"), np.int64)
    if rows.ndim != 2 or rows.shape[1] != 3:
        raise UserError(f"{fixations}: `s` is {' x '.join(map(str, rows.shape))}, not M x 3")
    subject = rows[:, 2]
    size_rows, fixation_rows = rows[subject == 0], rows[subject != 0]
    if len(size_rows) != 1:
        count = len(size_rows)
        raise UserError(f"{fixations} has {count} rows [width, height, 0] in place of one")
    points = make_points(fixation_rows[:, :2], fixation_rows[:, 2])
    example = make_example(stem, tree.read(image), points)
    width, height = size_rows[0, :2].tolist()
    return LoadedItem(example, check_annotated_size(example, height, width))


SITE = "http://saliencydetection.net/dut-omron/download/"

PUBLISHED = (
    DatasetSpec(
        name="dut_omron",
        facts=Facts(
            sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION),
            edition="5168 images (four were removed on 2018-01-22)",
            split_recipe=f"{split_recipe(RATIO)}, sizes as in alexanderkroner/saliency",
            description=(
                "DUT-OMRON: photographs with salient objects, 5 subjects, 2 s. Fixations were "
                "filtered by the authors; a subject's number may be another person in another "
                "image. One degree is not established; 3 % of the longer side is assumed."
            ),
            citation=(
                "Chuan Yang, Lihe Zhang, Huchuan Lu, Xiang Ruan, Ming-Hsuan Yang. Saliency "
                "Detection via Graph-Based Manifold Ranking. IEEE Conference on Computer Vision "
                "and Pattern Recognition (CVPR), 2013."
            ),
            licence="not stated",
        ),
        find_items=find_items,
        counts=split_counts(5168, RATIO),
        downloads=(
            Download(
                "DUT-OMRON-image.zip",
                SITE + "DUT-OMRON-image.zip",
                "a8951db9297afacf78bc0e5079103cf1",
            ),
            Download(
                "DUT-OMRON-eye-fixations.zip",
                SITE + "DUT-OMRON-eye-fixations.zip",
                "d9f4f83fcc78b1e5efb579ae9fb0edc2",
            ),
        ),
    ),
)
