"""NUSEF, its public part: 444 images of strong feelings, about 25 subjects each, 5 s.

    stimuli/STEM.jpg
    fix_data/STEM/*NN+*.fix     NN, two digits: the subject, perhaps not the same across images

A .fix file is text: behind the line `COLS=` a line per fixation, up to `[Fix Segment Summary`.
Columns 9 and 10 are a position on the tracker's grid of 260 x 280, which spans a screen of 1024 x
768; the picture was fitted to the screen and centred. Many positions lie beside it. The unit of
the durations is not established, so none are given. The images of IAPS are not public.
"""

import re
from functools import partial

import numpy as np

from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.images import stored_size
from samjax.data.raw.dataset_spec import DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.lookup import by_key
from samjax.data.raw.points import concatenate, example, odd_trials, scanpath
from samjax.data.raw.problems import Faults
from samjax.data.raw.random_split import random_split, recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

GRID, SCREEN = np.array([[260.0, 280.0]]), np.array([[1024.0, 768.0]])
POSITION = slice(8, 10)  # columns of a line
MISTYPED = {"3005_0": "3005.1", "3005_2": "3005.2"}  # folder: stem


def items(tree: Tree, faults: Faults) -> dict[str, list[Item]]:
    images = by_key(tree, r"stimuli/([^/]+)\.jpg", faults)
    files: dict[str, list[tuple[int, str]]] = {}
    for match in tree.match(r"fix_data/([^/]+)/[^/]*?(\d\d)\+[^/]*\.fix"):
        stem = MISTYPED.get(match[1], match[1])
        files.setdefault(stem, []).append((int(match[2]), match.group()))
    for stem in sorted(files.keys() - images.keys()):
        faults.add("fixations without image", stem, f"there is no stimuli/{stem}.jpg")
    members = []
    for stem, name in sorted(images.items()):
        if stem not in files:
            faults.add("image without fixations", name, f"there is no fix_data/{stem}")
            continue
        load = partial(_load, tree, stem, name, sorted(files[stem]))
        members.append(Item(stem, load, tree.size(name)))
    return random_split(members)


def _load(tree: Tree, stem: str, name: str, files: list[tuple[int, str]]) -> LoadedItem:
    image = tree.read(name)
    size = stored_size(image)
    trials = [scanpath(on_image(positions(tree, file), *size), who) for who, file in files]
    return LoadedItem(example(stem, image, concatenate(trials)), odd_trials(stem, trials))


def positions(tree: Tree, name: str) -> np.ndarray:
    """[N, 2] on the tracker's grid."""
    text = tree.read(name).decode("latin-1")
    body = re.search(r"^COLS=.*?$(.*?)(?=^\[Fix Segment Summary|\Z)", text, re.M | re.S)
    if body is None:
        raise UserError(f"{name} has no line COLS=; it is no .fix file")
    lines = [line.split() for line in body[1].splitlines() if line.strip()]
    try:
        return np.array([line[POSITION] for line in lines], np.float64).reshape(-1, 2)
    except ValueError as error:
        raise UserError(f"{name} has a line without two positions ({error})") from error


def on_image(grid: np.ndarray, height: int, width: int) -> np.ndarray:
    """Positions on the grid to pixels of an image fitted to the screen's height, or its width."""
    scale = min(SCREEN[0, 1] / height, SCREEN[0, 0] / width)
    border = (SCREEN - scale * np.array([[width, height]])) / 2
    return (grid * SCREEN / GRID - border) / scale


PUBLISHED = (
    DatasetSpec(
        name="nusef",
        facts=Facts(
            sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION),
            edition="NUSEF_database.zip, the public images",
            split_recipe=recipe(),
            description=(
                "NUSEF: images of strong feelings, free viewing for 5 s. One degree is not "
                "established; 3 % of the longer side is assumed."
            ),
            citation=(
                "Subramanian Ramanathan, Harish Katti, Nicu Sebe, Mohan Kankanhalli, Tat-Seng "
                "Chua. An Eye Fixation Database for Saliency Detection in Images. European "
                "Conference on Computer Vision, 2010."
            ),
            licence="not stated; the images of IAPS, which are left out, need one of their own",
        ),
        items=items,
        downloads=(
            Download(
                "NUSEF_database.zip",
                "https://ncript.comp.nus.edu.sg/site/mmas/NUSEF_database.zip",
                "429a78ad92184e8a4b37419988d98953",
            ),
        ),
    ),
)
