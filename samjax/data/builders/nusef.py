"""NUSEF, its public part: 444 images of strong feelings, about 25 subjects each, 5 s.

Published layout:

    stimuli/STEM.jpg
    fix_data/STEM/*NN+*.fix     NN, two digits: the subject, perhaps not the same across images

A .fix file is text: behind the line `COLS=` there is a line per fixation, up to the line
`[Fix Segment Summary`. Columns 9 and 10 are a position on the tracker's grid of 260 x 280, which
spans a screen of 1024 x 768; the picture was fitted to the screen and centred. Many positions lie
beside it. The unit of the durations is not established, so none are given. The images of IAPS are
not public.

Citation: Ramanathan et al., An Eye Fixation Database for Saliency Detection in Images, ECCV 2010.
"""

import re
from functools import partial

import numpy as np

from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.image_headers import stored_size
from samjax.data.raw.dataset_spec import DatasetSpec, Download, Item, LoadedItem
from samjax.data.raw.item_checks import check_trials
from samjax.data.raw.lookup import files_by_key
from samjax.data.raw.points import concatenate, make_example, scanpath
from samjax.data.raw.problems import Problems
from samjax.data.raw.random_split import random_split, split_recipe
from samjax.data.raw.tree import Tree
from samjax.errors import UserError

# (width, height)
GRID = np.array([[260.0, 280.0]])
SCREEN = np.array([[1024.0, 768.0]])
POSITION_COLUMNS = slice(8, 10)
MISTYPED = {"3005_0": "3005.1", "3005_2": "3005.2"}  # folder: stem


def find_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return the images that have fixations."""
    images = files_by_key(tree, r"stimuli/([^/]+)\.jpg", warnings)
    trials: dict[str, list[tuple[int, str]]] = {}
    for match in tree.match(r"fix_data/([^/]+)/[^/]*?(\d\d)\+[^/]*\.fix"):
        stem, subject = MISTYPED.get(match[1], match[1]), int(match[2])
        trials.setdefault(stem, []).append((subject, match.group()))
    for stem in sorted(trials.keys() - images.keys()):
        warnings.add("fixations without image", stem, f"there is no stimuli/{stem}.jpg")
    items = []
    for stem, name in sorted(images.items()):
        if stem not in trials:
            warnings.add("image without fixations", name, f"there is no fix_data/{stem}")
            continue
        load = partial(_load, tree, stem, name, sorted(trials[stem]))
        items.append(Item(stem, load, tree.size(name)))
    return random_split(items)


def _load(tree: Tree, stem: str, image: str, files: list[tuple[int, str]]) -> LoadedItem:
    content = tree.read(image)
    height, width = stored_size(content)
    trials = []
    for subject, file in files:
        xy = to_image(read_grid_positions(tree, file), height, width)
        trials.append(scanpath(xy, subject))
    example = make_example(stem, content, concatenate(trials))
    return LoadedItem(example, check_trials(stem, trials))


def read_grid_positions(tree: Tree, name: str) -> np.ndarray:
    """Return the positions [N, 2] (x, y) of a .fix file, on the tracker's grid."""
    text = tree.read(name).decode("latin-1")
    # latin-1 decodes any byte, and the numbers are ASCII.
    body = re.search(r"^COLS=.*?$(.*?)(?=^\[Fix Segment Summary|\Z)", text, re.M | re.S)
    if body is None:
        raise UserError(f"{name} has no line COLS=; it is no .fix file")
    lines = [line.split() for line in body[1].splitlines() if line.strip()]
    try:
        positions = np.array([line[POSITION_COLUMNS] for line in lines], np.float64)
        return positions.reshape(-1, 2)
    except ValueError as error:
        raise UserError(f"{name} has a line without two positions ({error})") from error


def to_image(grid_xy: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return positions [N, 2] on the grid as pixels of an image of height x width.

    The image was enlarged until it filled the screen's height or its width, and centred.
    """
    scale = min(SCREEN[0, 1] / height, SCREEN[0, 0] / width)
    border = (SCREEN - scale * np.array([[width, height]])) / 2
    return (grid_xy * SCREEN / GRID - border) / scale


PUBLISHED = (
    DatasetSpec(
        name="nusef",
        facts=Facts(
            sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION),
            edition="NUSEF_database.zip, the public images",
            split_recipe=split_recipe(),
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
        find_items=find_items,
        downloads=(
            Download(
                "NUSEF_database.zip",
                "https://ncript.comp.nus.edu.sg/site/mmas/NUSEF_database.zip",
                "429a78ad92184e8a4b37419988d98953",
            ),
        ),
    ),
)
