"""A small published dataset with real JPEG bytes, and its raw files as a tree."""

import json
import time
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from samjax.data.dataset import Dataset
from samjax.data.example import Example, Facts, Sigma
from samjax.data.raw.dataset_spec import Count, DatasetSpec, Item, LoadedItem
from samjax.data.raw.problems import Problem, Problems
from samjax.data.raw.tree import Tree
from samjax.data.sources import Source
from samjax.errors import UserError

HEIGHT, WIDTH = 24, 32


def find_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
    """Return the items of SPLIT/STEM.jpg with STEM.json beside it, a list of points."""
    items: dict[str, list[Item]] = {}
    for match in tree.match(r"(train|validation)/([^/]+)\.jpg"):
        name = match.group()
        split, stem = match.groups()
        items.setdefault(split, []).append(Item(stem, partial(load, tree, name), tree.size(name)))
    for match in tree.match(r"stray\.txt"):
        warnings.add("stray file", match.group(), "belongs to no image")
    return items


def load(tree: Tree, name: str) -> LoadedItem:
    """Load an image; it is noted in a log, see `loaded`, and may have to wait, see `pause_at`."""
    stem = Path(name).stem
    while _is_paused(tree.root, stem):
        time.sleep(0.01)
    with open(tree.root.parent / "loaded.log", "a") as file:
        file.write(f"{stem}\n")
    try:
        points = json.loads(tree.read(name.replace(".jpg", ".json")))
    except ValueError as error:
        raise UserError(f"{name}: its points are no JSON") from error
    points = np.array(points, np.float32).reshape(-1, 2)
    n = len(points)
    example = Example(
        image=tree.read(name),
        image_id=stem,
        height=HEIGHT,
        width=WIDTH,
        points=points,
        subject=np.arange(n, dtype=np.int32) % 3,
        duration_ms=np.full(n, 200, np.float32),
        order=np.arange(n, dtype=np.int32),
    )
    warnings = (Problem("no point", stem, "nobody looked"),) if not n else ()
    return LoadedItem(example, warnings)


def dataset(**changes: object) -> DatasetSpec:
    """Return the description of the dataset, with some fields changed."""
    fields = {
        "name": "tiny_2020",
        "facts": Facts(sigma=Sigma(pixels=4.0), edition="tiny, 2020"),
        "find_items": find_items,
        "counts": {"train": Count(6, 21), "validation": Count(2)},
    }
    return DatasetSpec(**(fields | changes))


def jpeg(seed: int, height: int = HEIGHT, width: int = WIDTH) -> bytes:
    """Return a JPEG file of noise."""
    image = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    return cv2.imencode(".jpg", image)[1].tobytes()


def write_files(folder: Path, train: int = 6, validation: int = 2) -> Path:
    """Write the raw files, in which image i has i + 1 points, and return their folder."""
    for split, count, seed in (("train", train, 0), ("validation", validation, 100)):
        (folder / split).mkdir(parents=True)
        for i in range(count):
            stem = folder / split / f"{split[0]}{i:03d}"
            points = [[2.5 * j % WIDTH, j % HEIGHT] for j in range(i + 1)]
            stem.with_suffix(".jpg").write_bytes(jpeg(seed + i))
            stem.with_suffix(".json").write_text(json.dumps(points))
    return folder


def pause_at(source: Path, stem: str | None) -> None:
    """Make images from `stem` on wait, in whatever process; with None they go on."""
    file = source.parent / "pause_at"
    if stem is None:
        file.unlink()
    else:
        file.write_text(stem)


def _is_paused(source: Path, stem: str) -> bool:
    file = source.parent / "pause_at"
    try:
        return stem >= file.read_text()
    except FileNotFoundError:
        return False


def loaded(source: Path) -> list[str]:
    """Return the images that were loaded since the last call."""
    log = source.parent / "loaded.log"
    names = log.read_text().split() if log.exists() else []
    log.unlink(missing_ok=True)
    return names


def examples(prepared: Dataset) -> list[Example]:
    """Return all examples of a prepared dataset."""
    sources = [Source(prepared, split) for split in prepared.splits]
    return [source[i] for source in sources for i in range(len(source))]


def assert_equal(first: Dataset, second: Dataset) -> None:
    """Assert that two datasets have the same splits, and that all fields of all examples agree."""
    assert first.splits == second.splits
    for a, b in zip(examples(first), examples(second), strict=True):
        for name, value in vars(a).items():
            np.testing.assert_array_equal(value, getattr(b, name))
