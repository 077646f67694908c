"""SALICON's mouse samples, from the JSON files in the style of COCO.

Published layout:

    images/{train,val}/COCO_....jpg
    annotations/fixations_{train,val}2014.json    {"images": [{"id", "file_name", ...}],
                                                   "annotations": [{"image_id", "worker_id",
                                                   "fixations": [[row, column], ...]}]}

What the files call fixations are all samples of the mouse, [y, x] from 1, in order. They are a
dataset of their own, because their number and places are not those of the fixations of `salicon`.
The files are of several hundred MB, so they are read as a stream, into small integers.

Citation: Jiang et al., SALICON: Saliency in Context, CVPR 2015.
"""

import io
from functools import partial

import ijson
import numpy as np

from samjax.data.builders.salicon import SPLITS, STEM
from samjax.data.example import Facts, Sigma
from samjax.data.raw.dataset_spec import Count, DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.item_checks import check_common_size, check_trials
from samjax.data.raw.lookup import files_by_key
from samjax.data.raw.points import concatenate, make_example, scanpath, to_zero_based
from samjax.data.raw.problems import Problems
from samjax.data.raw.tree import Tree
from samjax.errors import UserError, one_line

HEIGHT, WIDTH = 480, 640

Samples = list[tuple[int, np.ndarray]]
"""For each worker the id, and the samples uint16 [N, 2] (row, column)."""


def find_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return the images of each split whose file of samples is there."""
    images = files_by_key(tree, rf"{STEM}\.jpg", warnings)
    files = files_by_key(tree, r"fixations_(train|val)2014\w*\.json", warnings)
    if not files:
        raise UserError(f"{tree.root} has neither fixations_train2014.json nor that of val")
    splits = {}
    for part, name in sorted(files.items()):
        items = []
        for stem, samples in sorted(_read_samples(tree, name).items()):
            if stem not in images:
                warnings.add("samples without image", name, f"there is no {stem}.jpg")
                continue
            load = partial(_load, tree, stem, images[stem], samples)
            items.append(Item(stem, load, tree.size(images[stem])))
        splits[SPLITS[part]] = items
    return splits


def _read_samples(tree: Tree, name: str) -> dict[str, Samples]:
    """Return {stem: samples of its workers}."""
    content = tree.read(name)
    # Read twice, because the annotations of an image may stand before the image.
    try:
        images = ijson.items(io.BytesIO(content), "images.item")
        stem_of = {image["id"]: image["file_name"].removesuffix(".jpg") for image in images}
        samples_of: dict[str, Samples] = {stem: [] for stem in stem_of.values()}
        for annotation in ijson.items(io.BytesIO(content), "annotations.item"):
            samples = np.array(annotation["fixations"], np.uint16).reshape(-1, 2)
            stem = stem_of[annotation["image_id"]]
            samples_of[stem].append((annotation["worker_id"], samples))
    except (ijson.JSONError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise UserError(f"{name} is no file of SALICON's samples ({one_line(error)})") from error
    return samples_of


def _load(tree: Tree, stem: str, image: str, samples: Samples) -> LoadedItem:
    trials = [scanpath(to_zero_based(rows[:, ::-1]), worker) for worker, rows in samples]
    example = make_example(stem, tree.read(image), concatenate(trials))
    warnings = check_common_size(example, HEIGHT, WIDTH) + check_trials(stem, trials)
    return LoadedItem(example, warnings)


BASE = "https://www.dropbox.com"

PUBLISHED = (
    DatasetSpec(
        name="salicon_samples",
        facts=Facts(
            sigma=Sigma(pixels=19.0),
            edition="JSON files, mouse samples",
            split_recipe="as published",
            description=(
                "SALICON, all samples of the mouse in place of fixations, as its Python tools read "
                "them; a subject's number is the worker's id."
            ),
            citation=(
                "Ming Jiang, Shengsheng Huang, Juanyong Duan, Qi Zhao. SALICON: Saliency in "
                "Context. IEEE Conference on Computer Vision and Pattern Recognition (CVPR), 2015."
            ),
            licence="not stated; images under the terms of COCO (Flickr)",
        ),
        find_items=find_items,
        counts={"train": Count(10_000), "validation": Count(5_000)},
        downloads=(
            Download("train.zip", f"{BASE}/s/cy96zvud8fdpwde/train.zip?dl=1"),
            Download("val.zip", f"{BASE}/s/9jzzwsaxnwnbdmg/val.zip?dl=1"),
            Download(
                "fixations_train2014.json.zip",
                f"{BASE}/s/7t2sc4m92hhtzm2/fixations_train2014.json.zip?dl=1",
            ),
            Download(
                "fixations_val2014.json.zip",
                f"{BASE}/s/bgo91bnoqk3m5ja/fixations_val2014.json.zip?dl=1",
            ),
        ),
    ),
)
