"""DUT-OMRON, eye fixations: 5168 images of 400 pixels on the long side, 5 subjects, 2 s.

    DUT-OMRON-image/STEM.jpg
    DUT-OMRON-eye-fixations/mat/STEM.mat    `s`, whole numbers, M x 3: one row [width, height, 0],
                                            the others [x, y, subject from 1], 0-based

The size row is known by its subject 0; it is the first row as a rule, not always.
"""

from functools import partial

import numpy as np

from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.raw.dataset_spec import DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.lookup import by_key
from samjax.data.raw.mat_file import variable
from samjax.data.raw.points import example, other_size, points
from samjax.data.raw.problems import Faults
from samjax.data.raw.random_split import counts, random_split, recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

SHARES = {"train": 4168, "validation": 1000}


def items(tree: Tree, faults: Faults) -> dict[str, list[Item]]:
    images = by_key(tree, r"DUT-OMRON-image/([^/]+)\.jpg", faults)
    fixations = by_key(tree, r"DUT-OMRON-eye-fixations/mat/([^/]+)\.mat", faults)
    members = []
    for stem, name in sorted(images.items()):
        if stem in fixations:
            load = partial(_load, tree, stem, name, fixations[stem])
            members.append(Item(stem, load, tree.size(name)))
        else:
            faults.add("image without fixations", name, f"there is no mat/{stem}.mat")
    for stem in sorted(set(fixations) - set(images)):
        faults.add("fixations without image", fixations[stem], f"there is no {stem}.jpg")
    return random_split(members, SHARES)


def _load(tree: Tree, stem: str, image: str, fixations: str) -> LoadedItem:
    rows = np.asarray(variable(tree, fixations, "s"), np.int64)
    if rows.ndim != 2 or rows.shape[1] != 3:
        raise UserError(f"{fixations}: `s` is {' x '.join(map(str, rows.shape))}, not M x 3")
    size, points_of = rows[rows[:, 2] == 0], rows[rows[:, 2] != 0]
    if len(size) != 1:
        raise UserError(f"{fixations} has {len(size)} rows [width, height, 0] in place of one")
    found = example(stem, tree.read(image), points(points_of[:, :2], points_of[:, 2]))
    return LoadedItem(found, other_size(found, width=size[0, 0], height=size[0, 1]))


SITE = "http://saliencydetection.net/dut-omron/download/"

PUBLISHED = (
    DatasetSpec(
        name="dut_omron",
        facts=Facts(
            sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION),
            edition="5168 images (four were removed on 2018-01-22)",
            split_recipe=f"{recipe(SHARES)}, sizes as in alexanderkroner/saliency",
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
        items=items,
        counts=counts(5168, SHARES),
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
