"""FIGRIM: 630 targets and 2157 fillers of a memory experiment, 1000 x 1000, 21 categories, 3 s.

Published layout:

    Targets/CATEGORY/sun_*.jpg, Fillers/CATEGORY/sun_*.jpg
    targetData/allImages_release.mat, fillerData/allImages_fillers.mat
            `allImages`, structs {filename, category, userdata, ...}; `userdata` is a struct per
            person {fixations: {enc, rec, rec2}, ...}, each n x 2 (x, y), 1-based, and empty where
            the person did not see the image

Only `enc`, the first time that an image is seen, is taken: later looks serve to recognise it.
Column j of `userdata` is the same person in all images of its file.

Citation: Bylinskii et al., Intrinsic and extrinsic effects on image memorability, Vision Research
116, 2015.
"""

from functools import partial

import numpy as np

from samjax.data.example import Facts, Sigma
from samjax.data.raw.dataset_spec import DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.item_checks import check_common_size, check_trials
from samjax.data.raw.lookup import Files, files_by_key
from samjax.data.raw.mat_file import field, field_names, number_rows, structs, text, variable
from samjax.data.raw.points import Points, concatenate, make_example, scanpath, to_zero_based
from samjax.data.raw.problems import Problems
from samjax.data.raw.random_split import random_split, split_recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

SIZE = 1000
# The people who saw the fillers are not those who saw the targets.
FIRST_FILLER_SUBJECT = 1000


def find_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return targets and fillers; one of the two may be missing."""
    items = []
    for folder, file, first_subject in (
        ("Targets", "allImages_release", 0),
        ("Fillers", "allImages_fillers", FIRST_FILLER_SUBJECT),
    ):
        images = files_by_key(tree, rf"{folder}/([^/]+)/([^/]+)\.jpg", warnings)
        for mat_file in files_by_key(tree, rf"({file}\.mat)", warnings).values():
            items += _items_of_file(tree, mat_file, images, first_subject, warnings)
    if not items:
        raise UserError(f"{tree.root} has no allImages_release.mat or allImages_fillers.mat")
    return random_split(items)


def _items_of_file(
    tree: Tree, mat_file: str, images: Files, first_subject: int, warnings: Problems
) -> list[Item]:
    items = []
    for image in structs(variable(tree, mat_file, "allImages")):
        stem = text(field(image, "filename", mat_file)).rsplit(".", 1)[0]
        key = f"{text(field(image, 'category', mat_file))}/{stem}"
        if key not in images:
            warnings.add("fixations without image", key, f"there is no {key}.jpg")
            continue
        people = structs(field(image, "userdata", mat_file))
        trials = [_trial(p, first_subject + k, mat_file) for k, p in enumerate(people)]
        # Who has no fixations did not see the image, so that is no empty trial.
        trials = [trial for trial in trials if len(trial.xy)]
        image_id = key.replace("/", "_")
        load = partial(_load, tree, image_id, images[key], trials)
        items.append(Item(image_id, load, tree.size(images[key])))
    return items


def _trial(person: np.void, subject: int, mat_file: str) -> Points:
    fixations = structs(field(person, "fixations", mat_file))
    # Of who did not see the image, all fields are empty, and so they are no structs.
    first_look = ()
    if fixations and field_names(fixations[0]):
        first_look = field(fixations[0], "enc", mat_file)
    xy = number_rows(first_look, 2, f"a person's enc in {mat_file}")
    return scanpath(to_zero_based(xy), subject)


def _load(tree: Tree, image_id: str, image: str, trials: list[Points]) -> LoadedItem:
    example = make_example(image_id, tree.read(image), concatenate(trials))
    warnings = check_common_size(example, SIZE, SIZE) + check_trials(image_id, trials)
    return LoadedItem(example, warnings)


RAW = "https://raw.githubusercontent.com/cvzoya/figrim/master"

PUBLISHED = (
    DatasetSpec(
        name="figrim",
        facts=Facts(
            sigma=Sigma(pixels=33.0),
            edition="Targets.zip, Fillers.zip, first looks (enc)",
            split_recipe=split_recipe(),
            description=(
                "FIGRIM: scenes of 21 categories, 1000 x 1000, 3 s, seen in a memory experiment: "
                "not free viewing. Fillers' subjects are numbered from 1000."
            ),
            citation=(
                "Zoya Bylinskii, Phillip Isola, Constance Bainbridge, Antonio Torralba, Aude "
                "Oliva. Intrinsic and extrinsic effects on image memorability. Vision Research "
                "116, 2015."
            ),
            licence="not stated",
        ),
        find_items=find_items,
        downloads=(
            Download(
                "Targets.zip",
                "http://figrim.mit.edu/Targets.zip",
                "2ad3a42ebc377efe4b39064405568201",
            ),
            Download(
                "Fillers.zip",
                "http://figrim.mit.edu/Fillers.zip",
                "dc0bc9561b5bc90e158ec32074dd1060",
            ),
            Download(
                "allImages_release.mat",
                f"{RAW}/targetData/allImages_release.mat",
                "c72843b05e95ab27594c1d11c849c897",
            ),
            Download(
                "allImages_fillers.mat",
                f"{RAW}/fillerData/allImages_fillers.mat",
                "ce4f8b4961005d62f7a21191a64cab5e",
            ),
        ),
    ),
)
