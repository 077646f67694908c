"""`folder`: most people's own data, images and by the same names their maps and fixations.

Layout:

    images/[SPLIT/]STEM.jpg       or stimuli/; JPEG, PNG, BMP, TIFF, WebP
    maps/[SPLIT/]STEM.png         densities, optional; or density/, saliency/, fixation_maps/
    fixations/[SPLIT/]STEM.csv    optional, of a kind that `fixation_files` reads

SPLIT is train, validation (or val) or test. Without such folders the images are split by a fixed
seed. A map or a file of fixations without an image is a warning, and an image with neither.
"""

from dataclasses import replace
from functools import partial

from samjax.data.example import Facts
from samjax.data.images import stored_size
from samjax.data.raw.dataset_spec import DatasetSpec, Item, LoadedItem
from samjax.data.raw.fixation_files import KINDS, read_fixations
from samjax.data.raw.lookup import Files, files_by_key
from samjax.data.raw.points import make_example, no_points
from samjax.data.raw.problems import Problems
from samjax.data.raw.random_split import RATIO, random_split, split_recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

IMAGES = "images|stimuli"
MAPS = "maps|densit(?:y|ies)|saliency|fixation_?maps"
FIXATIONS = "fixations|fixation_?locs|fixation_?points"
PICTURES = "jpe?g|JPE?G|png|PNG|bmp|tiff?|webp"
SPLITS = {"train": "train", "validation": "validation", "val": "validation", "test": "test"}


def folder_dataset(name: str, facts: Facts) -> DatasetSpec:
    """Return the dataset of a folder, under a name and with facts of the user's own."""
    how = f"folders train, validation, test where there are such, else {split_recipe(RATIO)}"
    return DatasetSpec(name=name, facts=replace(facts, split_recipe=how), find_items=find_items)


def find_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return the images, with or without maps and fixations."""
    images = _files(tree, IMAGES, PICTURES, warnings)
    if not images:
        raise UserError(f"{tree.root} has no images/STEM.jpg and no stimuli/STEM.jpg")
    maps = _files(tree, MAPS, PICTURES, warnings)
    fixations = _files(tree, FIXATIONS, "|".join(KINDS), warnings)
    for kind, files in (("map", maps), ("fixations", fixations)):
        for key in sorted(files.keys() - images.keys()):
            warnings.add(f"{kind} without image", files[key], f"there is no image {key}")
    items = {}
    for key, image in sorted(images.items()):
        if key not in maps and key not in fixations:
            warnings.add("image without map and fixations", image, "it has neither")
        image_id = key.rsplit("/", 1)[-1]
        load = partial(_load, tree, image_id, image, maps.get(key), fixations.get(key))
        items[key] = Item(image_id, load, tree.size(image))
    return _split(items)


def _files(tree: Tree, folders: str, endings: str, warnings: Problems) -> Files:
    """Return {[SPLIT/]STEM: name} of the files in one of the folders."""
    pattern = rf"(?:{folders})/((?:(?:{'|'.join(SPLITS)})/)?[^/]+)\.(?:{endings})"
    return files_by_key(tree, pattern, warnings)


def _split(items: dict[str, Item]) -> dict[str, list[Item]]:
    """Return the items by split, from {[SPLIT/]STEM: item}."""
    if not any("/" in key for key in items):
        return random_split(list(items.values()))
    splits: dict[str, list[Item]] = {}
    for key, item in items.items():
        if "/" not in key:
            raise UserError(f"image {key} is in no folder of a split, and others are; move it")
        splits.setdefault(SPLITS[key.split("/")[0]], []).append(item)
    return splits


def _load(
    tree: Tree, image_id: str, image: str, density: str | None, fixations: str | None
) -> LoadedItem:
    content = tree.read(image)
    points = no_points()
    if fixations:
        points = read_fixations(tree, fixations, *stored_size(content))
    density_content = tree.read(density) if density else b""
    return LoadedItem(make_example(image_id, content, points, density_content))
