"""Toronto (Bruce and Tsotsos): 120 images of 681 x 511, fixations as binary maps.

    fixdens/Original Image Set/K.jpg     K = 1..120
    fixdens/origfixdata.mat              `white`, a cell of 511 x 681 matrices, 1 where fixated:
                                         cell K (from 1) belongs to K.jpg
    dK.jpg                               density maps, in a folder of whatever name

The index of an entry is the pixel. Raw/*.fix is not used: its positions are not image pixels.
"""

from functools import partial

import numpy as np

from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.raw.dataset_spec import DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.lookup import by_key, by_number, only
from samjax.data.raw.mat_file import variable
from samjax.data.raw.points import example, points
from samjax.data.raw.problems import Faults
from samjax.data.raw.random_split import counts, random_split, recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError


def items(tree: Tree, faults: Faults) -> dict[str, list[Item]]:
    images = by_number(by_key(tree, r"Original Image Set/(\d+)\.jpg", faults))
    maps = by_key(tree, r"d(\d+)\.jpg", faults)
    cells = variable(tree, only(tree, r"origfixdata\.mat", "origfixdata.mat"), "white").ravel()
    members = []
    for number, name in images:
        if not 0 < number <= len(cells):
            faults.add("image without fixations", name, f"`white` has {len(cells)} cells")
            continue
        cell = cells[number - 1]
        rows, columns = cell.nonzero()
        xy = np.stack([columns, rows], axis=-1)
        load = partial(_load, tree, name, maps.get(str(number)), xy, cell.shape)
        members.append(Item(str(number), load, tree.size(name)))
    return random_split(members)


def _load(tree: Tree, name: str, density: str | None, xy, shape: tuple[int, int]) -> LoadedItem:
    image_id = name.rsplit("/", 1)[-1].removesuffix(".jpg")
    found = example(image_id, tree.read(name), points(xy), tree.read(density) if density else b"")
    if (found.height, found.width) != shape:
        raise UserError(
            f"{name} has {found.width} x {found.height} pixels, its cell of origfixdata.mat "
            f"{shape[1]} x {shape[0]}"
        )
    return LoadedItem(found)


PUBLISHED = (
    DatasetSpec(
        name="toronto",
        facts=Facts(
            sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION),
            edition="eyetrackingdata.zip, origfixdata.mat",
            split_recipe=recipe(),
            description=(
                "Toronto: photographs of streets and rooms, 4 s; 20 subjects by one source, 11 by "
                "another. Fixations of all subjects in one binary map: no subjects, no order. One "
                "degree is not established; 3 % of the longer side is assumed."
            ),
            citation=(
                "Neil D. B. Bruce, John K. Tsotsos. Saliency Based on Information Maximization. "
                "Advances in Neural Information Processing Systems 18, 2005."
            ),
            licence="not stated",
        ),
        items=items,
        counts=counts(120),
        downloads=(
            Download(
                "eyetrackingdata.zip",
                "http://www-sop.inria.fr/members/Neil.Bruce/eyetrackingdata.zip",
                "38d5c02217060d4d2d1a4649cc632af1",
            ),
        ),
    ),
)
