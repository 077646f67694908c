"""Most people's own data: images, and by the same names their maps and their fixations.

    images/[SPLIT/]STEM.jpg       or stimuli/; JPEG, PNG, BMP, TIFF, WebP
    maps/[SPLIT/]STEM.png         densities, optional; or density/, saliency/, fixation_maps/
    fixations/[SPLIT/]STEM.csv    optional, of a kind that `fixation_files` reads

SPLIT is train, validation (or val) or test; without such folders the images are split by a fixed
seed. A map or a file of fixations without an image is counted, and an image with neither.
"""

from dataclasses import replace
from functools import partial

from samjax.data.example import Facts
from samjax.data.images import stored_size
from samjax.data.raw.dataset_spec import DatasetSpec, Item, LoadedItem
from samjax.data.raw.fixation_files import KINDS, read_fixations
from samjax.data.raw.lookup import Files, by_key
from samjax.data.raw.points import concatenate, example
from samjax.data.raw.problems import Faults
from samjax.data.raw.random_split import SHARES, random_split, recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

IMAGES = "images|stimuli"
MAPS = "maps|densit(?:y|ies)|saliency|fixation_?maps"
FIXATIONS = "fixations|fixation_?locs|fixation_?points"
PICTURES = "jpe?g|JPE?G|png|PNG|bmp|tiff?|webp"
SPLITS = {"train": "train", "validation": "validation", "val": "validation", "test": "test"}


def folder(name: str, facts: Facts) -> DatasetSpec:
    """The dataset of a folder, under a name and with facts of the user's own."""
    how = f"folders train, validation, test where there are such, else {recipe(SHARES)}"
    return DatasetSpec(name=name, facts=replace(facts, split_recipe=how), items=items)


def items(tree: Tree, faults: Faults) -> dict[str, list[Item]]:
    images = _files(tree, IMAGES, PICTURES, faults)
    if not images:
        raise UserError(f"{tree.root} has no images/STEM.jpg and no stimuli/STEM.jpg")
    maps = _files(tree, MAPS, PICTURES, faults)
    fixations = _files(tree, FIXATIONS, "|".join(KINDS), faults)
    for kind, files in (("map", maps), ("fixations", fixations)):
        for key in sorted(files.keys() - images.keys()):
            faults.add(f"{kind} without image", files[key], f"there is no image {key}")
    members = {}
    for key, image in sorted(images.items()):
        if key not in maps and key not in fixations:
            faults.add("image without map and fixations", image, "it has neither")
        image_id = key.rsplit("/", 1)[-1]
        load = partial(_load, tree, image_id, image, maps.get(key), fixations.get(key))
        members[key] = Item(image_id, load, tree.size(image))
    return _split(members)


def _files(tree: Tree, folders: str, endings: str, faults: Faults) -> Files:
    """{[SPLIT/]STEM: name}."""
    pattern = rf"(?:{folders})/((?:(?:{'|'.join(SPLITS)})/)?[^/]+)\.(?:{endings})"
    return by_key(tree, pattern, faults)


def _split(members: dict[str, Item]) -> dict[str, list[Item]]:
    if not any("/" in key for key in members):
        return random_split(list(members.values()))
    found: dict[str, list[Item]] = {}
    for key, item in members.items():
        if "/" not in key:
            raise UserError(f"image {key} is in no folder of a split, and others are; move it")
        found.setdefault(SPLITS[key.split("/")[0]], []).append(item)
    return found


def _load(tree: Tree, image_id: str, image: str, density: str | None, fixations: str | None):
    content = tree.read(image)
    points = concatenate(())
    if fixations:
        points = read_fixations(tree, fixations, *stored_size(content))
    found = example(image_id, content, points, tree.read(density) if density else b"")
    return LoadedItem(found)
