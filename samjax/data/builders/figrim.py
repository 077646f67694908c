"""FIGRIM: 630 targets and 2157 fillers of a memory experiment, 1000 x 1000, 21 categories, 3 s.

    Targets/CATEGORY/sun_*.jpg, Fillers/CATEGORY/sun_*.jpg
    targetData/allImages_release.mat, fillerData/allImages_fillers.mat
                            `allImages`, structs {filename, category, userdata, ...}; `userdata` a
                            struct per person {fixations: {enc, rec, rec2}, ...}: n x 2 (x, y),
                            1-based, empty where a person did not see the image

Only `enc`, the first time that an image is seen, is taken: later looks serve to recognise it.
Column j of `userdata` is the same person in all images of its file.
"""

from functools import partial

from samjax.data.example import Facts, Sigma
from samjax.data.raw.dataset_spec import DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.lookup import Files, by_key
from samjax.data.raw.mat_file import field, records, rows, text, variable
from samjax.data.raw.points import (
    Points,
    concatenate,
    example,
    from_one,
    odd_trials,
    scanpath,
    wrong_size,
)
from samjax.data.raw.problems import Faults
from samjax.data.raw.random_split import random_split, recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

SIZE = 1000
FILLERS_FROM = 1000  # numbers of the fillers' persons, who are not those of the targets


def items(tree: Tree, faults: Faults) -> dict[str, list[Item]]:
    members = []
    for folder, file, start in (
        ("Targets", "allImages_release", 0),
        ("Fillers", "allImages_fillers", FILLERS_FROM),
    ):
        images = by_key(tree, rf"{folder}/([^/]+)/([^/]+)\.jpg", faults)
        for where in by_key(tree, rf"({file}\.mat)", faults).values():
            members += _of_file(tree, where, images, start, faults)
    if not members:
        raise UserError(f"{tree.root} has no allImages_release.mat or allImages_fillers.mat")
    return random_split(members)


def _of_file(tree: Tree, where: str, images: Files, start: int, faults: Faults) -> list[Item]:
    members = []
    for image in records(variable(tree, where, "allImages")):
        stem = text(field(image, "filename", where)).rsplit(".", 1)[0]
        key = f"{text(field(image, 'category', where))}/{stem}"
        if key not in images:
            faults.add("fixations without image", key, f"there is no {key}.jpg")
            continue
        people = records(field(image, "userdata", where))
        trials = [_trial(person, start + k, where) for k, person in enumerate(people)]
        image_id = key.replace("/", "_")
        seen = [trial for trial in trials if len(trial.xy)]
        load = partial(_load, tree, image_id, images[key], seen)
        members.append(Item(image_id, load, tree.size(images[key])))
    return members


def _trial(person, subject: int, where: str) -> Points:
    looks = records(field(person, "fixations", where))
    enc = field(looks[0], "enc", where) if looks and looks[0].dtype.names else ()
    return scanpath(from_one(rows(enc, 2, f"a person's enc in {where}")), subject)


def _load(tree: Tree, image_id: str, name: str, trials: list[Points]) -> LoadedItem:
    found = example(image_id, tree.read(name), concatenate(trials))
    return LoadedItem(found, wrong_size(found, SIZE, SIZE) + odd_trials(image_id, trials))


RAW = "https://raw.githubusercontent.com/cvzoya/figrim/master"

PUBLISHED = (
    DatasetSpec(
        name="figrim",
        facts=Facts(
            sigma=Sigma(pixels=33.0),
            edition="Targets.zip, Fillers.zip, first looks (enc)",
            split_recipe=recipe(),
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
        items=items,
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
