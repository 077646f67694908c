"""PASCAL-S: 850 images of PASCAL VOC, free viewing for 2 s.

    imgs/pascal/K.jpg             K = 1..850
    fixations/pascalFix.mat       v7.3: `fixCell`, cell K (from 1) is N x 3 [y, x, subject], 1-based
    pascalSize.mat                `sizeData`, row K is [height, width]; checked if it is there
    pascal/humanFix/K.png         density maps

HDF5 gives MATLAB's arrays transposed: a cell arrives as 3 x N.
"""

import io
from functools import partial

import h5py
import numpy as np

from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.raw.dataset_spec import DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.lookup import by_key, by_number, only
from samjax.data.raw.mat_file import DAMAGES, variable
from samjax.data.raw.points import example, from_one, other_size, points
from samjax.data.raw.problems import Faults
from samjax.data.raw.random_split import counts, random_split, recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError, one_line

SHARES = {"train": 650, "validation": 200}


def items(tree: Tree, faults: Faults) -> dict[str, list[Item]]:
    images = by_number(by_key(tree, r"imgs/pascal/(\d+)\.jpg", faults))
    maps = by_key(tree, r"humanFix/(\d+)\.png", faults)
    cells = _cells(tree, only(tree, r"pascalFix\.mat", "pascalFix.mat"))
    sizes = _sizes(tree)
    members = []
    for number, name in images:
        if not 0 < number <= len(cells):
            faults.add("image without fixations", name, f"`fixCell` has {len(cells)} cells")
            continue
        size = sizes[number - 1] if number <= len(sizes) else None
        load = partial(_load, tree, name, maps.get(str(number)), cells[number - 1], size)
        members.append(Item(str(number), load, tree.size(name)))
    return random_split(members, SHARES)


def _load(tree: Tree, name: str, density: str | None, cell: np.ndarray, size) -> LoadedItem:
    image_id = name.rsplit("/", 1)[-1].removesuffix(".jpg")
    y, x, subject = cell
    fixations = points(from_one(np.stack([x, y], axis=-1)), subject)
    found = example(image_id, tree.read(name), fixations, tree.read(density) if density else b"")
    return LoadedItem(found, other_size(found, *map(int, size)) if size is not None else ())


def _cells(tree: Tree, name: str) -> list[np.ndarray]:
    """`fixCell` as float64 [3, N] (y, x, subject), one for each image."""
    try:
        with h5py.File(io.BytesIO(tree.read(name))) as file:
            return [_cell(file[reference]) for reference in file["fixCell"][()].ravel()]
    except DAMAGES as error:
        raise UserError(f"{name} cannot be read as a v7.3 file ({one_line(error)})") from error


def _cell(values: h5py.Dataset) -> np.ndarray:
    if values.attrs.get("MATLAB_empty", 0):  # such a set holds the empty array's shape instead
        return np.zeros((3, 0))
    return np.asarray(values, np.float64).reshape(3, -1)


def _sizes(tree: Tree) -> np.ndarray:
    """[N, 2] (height, width), N = 0 where pascalSize.mat is missing."""
    if not tree.match(r"pascalSize\.mat"):
        return np.zeros((0, 2))
    return variable(tree, only(tree, r"pascalSize\.mat", "pascalSize.mat"), "sizeData")


PUBLISHED = (
    DatasetSpec(
        name="pascal_s",
        facts=Facts(
            sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION),
            edition="salObj.zip",
            split_recipe=f"{recipe(SHARES)}, as in alexanderkroner/saliency",
            description=(
                "PASCAL-S: photographs of PASCAL VOC, 2 s; 12 subjects by one source, 8 by "
                "another. One degree is not established; 3 % of the longer side is assumed."
            ),
            citation=(
                "Yin Li, Xiaodi Hou, Christof Koch, James M. Rehg, Alan L. Yuille. The Secrets of "
                "Salient Object Segmentation. IEEE Conference on Computer Vision and Pattern "
                "Recognition (CVPR), 2014."
            ),
            licence="not stated",
        ),
        items=items,
        counts=counts(850, SHARES),
        downloads=(
            Download(
                "salObj.zip",
                "http://cbs.ic.gatech.edu/salobj/download/salObj.zip",
                "e48b4e5deac08bddcaec55ce56e4d420",
                manual="its server's TLS certificate is not valid: download it in a browser",
            ),
        ),
    ),
)
