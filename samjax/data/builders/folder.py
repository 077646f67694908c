"""`folder`: most people's own data, images and by the same names their maps and fixations.

Layout:

    images/[SPLIT/]STEM.jpg       or stimuli/; JPEG, PNG, BMP, TIFF, WebP
    maps/[SPLIT/]STEM.png         densities, optional; or density/, saliency/, fixation_maps/
    fixations/[SPLIT/]STEM.csv    optional, of a kind that `fixation_files` reads

SPLIT is train, validation (or val) or test, and may stand above the folders as well. There may be
folders of categories; `samjax.data.raw.pairing` says how files are matched. Without folders of
splits the images are split by a fixed seed, copies of a picture together. What is not used is a
warning, and an image with neither map nor fixations. What fits in several ways is an error.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from samjax.data.example import Facts
from samjax.data.image_headers import stored_size
from samjax.data.raw import fixation_files, fixation_text
from samjax.data.raw.dataset_spec import DatasetSpec, Item, LoadedItem
from samjax.data.raw.fixation_files import FixationFile
from samjax.data.raw.own_checks import check_density, check_orientation
from samjax.data.raw.own_files import find_places, fitting_files, unique_images
from samjax.data.raw.pairing import FIXATIONS, IMAGES, MAPS, Place
from samjax.data.raw.points import make_example, no_points
from samjax.data.raw.problems import Problem, Problems
from samjax.data.raw.random_split import RATIO, random_split, split_recipe
from samjax.data.raw.subjects import are_names, number_subjects
from samjax.data.raw.tree import Tree
from samjax.data.raw.units import UNSTATED, Units
from samjax.errors import UserError


def folder_dataset(name: str, facts: Facts, units: Units = UNSTATED) -> DatasetSpec:
    """Return the dataset of a folder, under a name and with facts and units of the user's own."""
    drawn = f"{split_recipe(RATIO)}, equal files together"
    how = f"folders train, validation, test where there are such, else {drawn}"
    return DatasetSpec(
        name=name,
        facts=replace(facts, split_recipe=how),
        find_items=partial(find_items, units=units),
        units=units,
    )


def find_items(tree: Tree, warnings: Problems, units: Units = UNSTATED) -> dict[str, list[Item]]:
    """Return the images, with or without maps and fixations; errors are added to the tree's."""
    places = find_places(tree, warnings)
    images = unique_images(places[IMAGES], tree)
    if not images:
        tree.errors.refuse()
        folders = ", ".join(sorted({name.rpartition("/")[0] or "." for name in tree.names})[:9])
        raise UserError(
            f"{tree.root} has no images/STEM.jpg and no stimuli/STEM.jpg; its files are in "
            f"{folders or 'no folder'}"
        )
    fitting, ambiguous = {}, set()
    for role in (MAPS, FIXATIONS):
        fitting[role], left_out = fitting_files(tree, role, images.values(), places[role], warnings)
        ambiguous |= left_out
    reader = FixationFile(units, _subjects(tree, fitting[FIXATIONS].values(), warnings))
    items: dict[str, Item] = {}
    for image_id, image in images.items():
        density, fixations = (fitting[role].get(image.name) for role in (MAPS, FIXATIONS))
        if image.name in ambiguous:
            continue
        if not density and not fixations:
            warnings.add("image without map and fixations", image.name, "it has neither")
        load = partial(_load, tree, image_id, image.name, density, fixations, reader)
        items[image_id] = Item(image_id, load, tree.size(image.name))
    return _split(tree, items, images)


def _subjects(tree: Tree, files: Iterable[str], warnings: Problems) -> dict[str, int]:
    """Return numbers for the subjects that tables of fixations name, and list names as warnings."""
    texts: set[str] = set()
    for name in files:
        if name.rsplit(".", 1)[-1].lower() in fixation_files.TABLES:
            try:
                texts |= fixation_text.subjects_of(tree.read(name), name)
            except (UserError, ValueError):
                continue  # told when the image's turn comes
    numbers = number_subjects(texts)
    if are_names(numbers):
        for text, number in numbers.items():
            if text:
                warnings.add("subject with a name", text, f"is subject {number}")
    return numbers


def _split(tree: Tree, items: dict[str, Item], images: dict[str, Place]) -> dict[str, list[Item]]:
    """Return the items by split, from {image id: item}."""
    # Either all images are in folders of splits or none is; a mixture is a mistake.
    if not any(image.split for image in images.values()):
        return random_split(list(items.values()), together=_copies(tree, items, images))
    splits: dict[str, list[Item]] = {}
    for image_id, item in items.items():
        split = images[image_id].split
        if not split:
            raise UserError(f"image {image_id} is in no folder of a split, and others are; move it")
        splits.setdefault(split, []).append(item)
    return splits


def _copies(tree: Tree, items: dict[str, Item], images: dict[str, Place]) -> list[list[str]]:
    """Return groups of ids whose image files have the same bytes."""
    sizes = Counter(item.size for item in items.values())
    groups: dict[str, list[str]] = {}
    for image_id, item in items.items():
        if sizes[item.size] > 1:  # only these can be equal, and need reading
            digest = hashlib.sha256(tree.read(images[image_id].name)).hexdigest()
            groups.setdefault(digest, []).append(image_id)
    return [group for group in groups.values() if len(group) > 1]


def _load(
    tree: Tree,
    image_id: str,
    image: str,
    density: str | None,
    fixations: str | None,
    reader: FixationFile,
) -> LoadedItem:
    content = tree.read(image)
    try:
        size = stored_size(content)
    except UserError as error:
        raise UserError(f"{image} cannot be decoded: {error}") from error
    warnings: tuple[Problem, ...] = check_orientation(content, image)
    points = no_points()
    if fixations:
        points, more = reader.read(tree, fixations, *size)
        warnings += more
    density_content = tree.read(density) if density else b""
    if density:
        check_density(density_content, density, *size)
    return LoadedItem(make_example(image_id, content, points, density_content), warnings)
