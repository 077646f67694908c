"""PASCAL-S: 850 images of PASCAL VOC, seen freely for 2 s.

Published layout:

    imgs/pascal/K.jpg             K = 1..850
    fixations/pascalFix.mat       v7.3: `fixCell`, cell K (from 1) is N x 3 [y, x, subject], 1-based
    pascalSize.mat                `sizeData`, row K is [height, width]; checked if it is there
    pascal/humanFix/K.png         density maps

HDF5, the format of v7.3, gives MATLAB's arrays transposed: a cell arrives as 3 x N.

Citation: Li et al., The Secrets of Salient Object Segmentation, CVPR 2014.
"""

import io
from functools import partial

import h5py
import numpy as np

from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.raw.dataset_spec import DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.item_checks import check_annotated_size
from samjax.data.raw.lookup import files_by_key, in_numeric_order, only_file
from samjax.data.raw.mat_file import variable
from samjax.data.raw.points import make_example, make_points, to_zero_based
from samjax.data.raw.problems import Problems
from samjax.data.raw.random_split import random_split, split_counts, split_recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError, one_line
from samjax.files.hdf5 import opened

RATIO = {"train": 650, "validation": 200}


def find_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return the images that have fixations."""
    images = in_numeric_order(files_by_key(tree, r"imgs/pascal/(\d+)\.jpg", warnings))
    maps = files_by_key(tree, r"humanFix/(\d+)\.png", warnings)
    cells = _read_cells(tree, only_file(tree, r"pascalFix\.mat", "pascalFix.mat"))
    sizes = _read_sizes(tree)
    items = []
    for number, name in images:
        if not 0 < number <= len(cells):
            warnings.add("image without fixations", name, f"`fixCell` has {len(cells)} cells")
            continue
        size = sizes[number - 1] if number <= len(sizes) else None
        load = partial(_load, tree, name, maps.get(str(number)), cells[number - 1], size)
        items.append(Item(str(number), load, tree.size(name)))
    return random_split(items, RATIO)


def _load(
    tree: Tree, image: str, density: str | None, cell: np.ndarray, size: np.ndarray | None
) -> LoadedItem:
    image_id = image.rsplit("/", 1)[-1].removesuffix(".jpg")
    y, x, subject = cell
    points = make_points(to_zero_based(np.stack([x, y], axis=-1)), subject)
    content = tree.read(density) if density else b""
    example = make_example(image_id, tree.read(image), points, content)
    if size is None:
        return LoadedItem(example)
    height, width = (int(v) for v in size)
    return LoadedItem(example, check_annotated_size(example, height, width))


def _read_cells(tree: Tree, name: str) -> list[np.ndarray]:
    """Return `fixCell` as float64 [3, N] (y, x, subject), one for each image."""
    try:
        with opened(io.BytesIO(tree.read(name)), name) as file:
            return [_cell(file[reference]) for reference in file["fixCell"][()].ravel()]
    except Exception as error:  # whatever h5py makes of damaged bytes
        raise UserError(f"{name} cannot be read as a v7.3 file ({one_line(error)})") from error


def _cell(values: h5py.Dataset) -> np.ndarray:
    # Instead of an empty array, MATLAB stores the array's shape under this attribute.
    if values.attrs.get("MATLAB_empty", 0):
        return np.zeros((3, 0))
    return np.asarray(values, np.float64).reshape(3, -1)


def _read_sizes(tree: Tree) -> np.ndarray:
    """Return [N, 2] (height, width), with N = 0 where pascalSize.mat is missing."""
    if not tree.match(r"pascalSize\.mat"):
        return np.zeros((0, 2))
    return variable(tree, only_file(tree, r"pascalSize\.mat", "pascalSize.mat"), "sizeData")


PUBLISHED = (
    DatasetSpec(
        name="pascal_s",
        facts=Facts(
            sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION),
            edition="salObj.zip",
            split_recipe=f"{split_recipe(RATIO)}, as in alexanderkroner/saliency",
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
        find_items=find_items,
        counts=split_counts(850, RATIO),
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
