"""Toronto (Bruce and Tsotsos): 120 images of 681 x 511, 4 s, fixations as binary maps.

Published layout:

    fixdens/Original Image Set/K.jpg     K = 1..120
    fixdens/origfixdata.mat              `white`, a cell of 511 x 681 matrices, 1 where fixated:
                                         cell K (from 1) belongs to K.jpg
    dK.jpg                               density maps, in a folder of whatever name

The index of an entry is the pixel. Raw/*.fix is not used, because its positions are not image
pixels.

Citation: Bruce and Tsotsos, Saliency Based on Information Maximization, NIPS 18, 2005.
"""

from functools import partial

import numpy as np

from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.raw.dataset_spec import DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.lookup import files_by_key, in_numeric_order, only_file
from samjax.data.raw.mat_file import variable
from samjax.data.raw.points import make_example, make_points
from samjax.data.raw.problems import Problems
from samjax.data.raw.random_split import random_split, split_counts, split_recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError


def find_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return the images that have a fixation map."""
    images = in_numeric_order(files_by_key(tree, r"Original Image Set/(\d+)\.jpg", warnings))
    # Found by the file names alone, because their folder may be called anything.
    densities = files_by_key(tree, r"d(\d+)\.jpg", warnings)
    mat_file = only_file(tree, r"origfixdata\.mat", "origfixdata.mat")
    fixation_maps = variable(tree, mat_file, "white").ravel()
    items = []
    for number, name in images:
        if not 0 < number <= len(fixation_maps):
            what = f"`white` has {len(fixation_maps)} cells"
            warnings.add("image without fixations", name, what)
            continue
        fixation_map = fixation_maps[number - 1]
        rows, columns = fixation_map.nonzero()
        xy = np.stack([columns, rows], axis=-1)
        load = partial(_load, tree, name, densities.get(str(number)), xy, fixation_map.shape)
        items.append(Item(str(number), load, tree.size(name)))
    return random_split(items)


def _load(
    tree: Tree, image: str, density: str | None, xy: np.ndarray, map_size: tuple[int, int]
) -> LoadedItem:
    image_id = image.rsplit("/", 1)[-1].removesuffix(".jpg")
    content = tree.read(density) if density else b""
    example = make_example(image_id, tree.read(image), make_points(xy), content)
    if (example.height, example.width) != map_size:
        raise UserError(
            f"{image} has {example.width} x {example.height} pixels, its cell of origfixdata.mat "
            f"{map_size[1]} x {map_size[0]}"
        )
    return LoadedItem(example)


PUBLISHED = (
    DatasetSpec(
        name="toronto",
        facts=Facts(
            sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION),
            edition="eyetrackingdata.zip, origfixdata.mat",
            split_recipe=split_recipe(),
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
        find_items=find_items,
        counts=split_counts(120),
        downloads=(
            Download(
                "eyetrackingdata.zip",
                "http://www-sop.inria.fr/members/Neil.Bruce/eyetrackingdata.zip",
                "38d5c02217060d4d2d1a4649cc632af1",
            ),
        ),
    ),
)
