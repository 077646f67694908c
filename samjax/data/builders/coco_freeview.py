"""COCO-FreeView: images of COCO in a frame of 1680 x 1050, seen freely by 10 subjects.

Published layout:

    images/CATEGORY/000000000009.jpg, coco_search18_images_TA/CATEGORY/000000000009.jpg
            the images of COCO-Search18; an image may lie in several folders
    COCOFreeView_fixations_trainval.json
            a list of scanpaths {name, subject, X, Y, T (ms), split}

The first fixation of a scanpath is in the centre, where the trial began. It is left out, as the
benchmark does, or kept as `coco_freeview_initial`. The scanpaths of the test split are not public.
Coordinates are taken as they are, because it is not established whether they count from 0 or 1.

Citation: Chen et al., Characterizing Target-Absent Human Attention, CVPR workshops, 2022.
"""

import json
from functools import partial

import numpy as np

from samjax.data.example import Facts, Sigma
from samjax.data.raw.dataset_spec import Count, DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.item_checks import check_common_size, check_trials
from samjax.data.raw.lookup import files_by_key, only_file
from samjax.data.raw.points import Points, concatenate, make_example, scanpath
from samjax.data.raw.problems import Problems
from samjax.data.raw.tree import Tree
from samjax.errors import UserError, one_line

HEIGHT, WIDTH = 1050, 1680
SPLITS = {"train": "train", "valid": "validation"}
FILE = "COCOFreeView_fixations_trainval.json"


def find_items(tree: Tree, warnings: Problems, first: int) -> dict[str, list[Item]]:
    """Return the images; `first` is the first fixation of a scanpath that counts, from 0."""
    images = files_by_key(tree, r"(\d{12})\.jpg", warnings)
    scanpaths = _read_scanpaths(tree, only_file(tree, FILE.replace(".", r"\."), FILE), first)
    items: dict[str, list[Item]] = {split: [] for split in SPLITS.values()}
    for stem, (split, trials) in sorted(scanpaths.items()):
        if stem not in images:
            warnings.add("scanpaths without image", stem, f"there is no {stem}.jpg")
            continue
        load = partial(_load, tree, stem, images[stem], trials)
        items[split].append(Item(stem, load, tree.size(images[stem])))
    return items


def _read_scanpaths(tree: Tree, name: str, first: int) -> dict[str, tuple[str, list[Points]]]:
    """Return {stem: (split, scanpaths)}."""
    scanpaths: dict[str, tuple[str, list[Points]]] = {}
    try:
        # A list of scanpaths in the order of the file; those of one image are collected.
        for path in json.loads(tree.read(name)):
            stem = path["name"].removesuffix(".jpg")
            xy = np.stack([path["X"], path["Y"]], axis=-1)[first:]
            durations = np.asarray(path["T"], float)[first:]
            trial = scanpath(xy, int(path["subject"]), durations)
            # Another split than those of SPLITS is a KeyError, and so an error of the file.
            _, trials = scanpaths.setdefault(stem, (SPLITS[path["split"]], []))
            trials.append(trial)
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{name} is no list of scanpaths ({one_line(error)})") from error
    return scanpaths


def _load(tree: Tree, stem: str, image: str, trials: list[Points]) -> LoadedItem:
    example = make_example(stem, tree.read(image), concatenate(trials))
    warnings = check_common_size(example, HEIGHT, WIDTH) + check_trials(stem, trials)
    return LoadedItem(example, warnings)


BASE = "http://vision.cs.stonybrook.edu/~cvlab_download"


def _edition(name: str, what: str, first: int) -> DatasetSpec:
    return DatasetSpec(
        name=name,
        facts=Facts(
            # The benchmark's blur; a degree is 30.0 pixels high and 31.1 wide.
            sigma=Sigma(pixels=30.0),
            pixels_per_degree=30.0,
            edition=f"{FILE}, {what}",
            split_recipe="as published; the scanpaths of test are withheld",
            description=f"COCO-FreeView: images of COCO-Search18, 10 subjects; {what}",
            citation=(
                "Yupei Chen, Zhibo Yang, Souradeep Chakraborty, Sounak Mondal, Seoyoung Ahn, "
                "Dimitris Samaras, Minh Hoai, Gregory Zelinsky. Characterizing Target-Absent Human "
                "Attention. CVPR workshops, 2022."
            ),
            licence="not stated; images under the terms of COCO (Flickr)",
        ),
        find_items=partial(find_items, first=first),
        counts={"train": Count(3714), "validation": Count(603)},
        downloads=(
            Download(
                "COCOSearch18-images-TP.zip",
                f"{BASE}/COCOSearch18-images-TP.zip",
                "4a815bb591cb463ab77e5ba0c68fedfb",
            ),
            Download(
                "COCOSearch18-images-TA.zip",
                f"{BASE}/COCOSearch18-images-TA.zip",
                "85af7d74fa57c202320fa5e7d0dcc187",
            ),
            Download(FILE, f"{BASE}/{FILE}", "c7f2fbc92afbe55d4dedc445ac2063d3"),
        ),
    )


PUBLISHED = (
    _edition("coco_freeview", "the first fixation of each scanpath left out", 1),
    _edition("coco_freeview_initial", "the first fixation of each scanpath kept", 0),
)
