"""A small published dataset with real JPEG bytes, and its raw files as a tree."""

import json
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from samjax.data.example import Example, Facts, Sigma
from samjax.data.raw.dataset_spec import Count, DatasetSpec, Item, LoadedItem
from samjax.data.raw.problems import Fault, Faults
from samjax.data.raw.tree import Tree
from samjax.data.sources import Dataset, Source
from samjax.errors import UserError

HEIGHT, WIDTH = 24, 32


def items(tree: Tree, faults: Faults) -> dict[str, list[Item]]:
    """SPLIT/STEM.jpg with STEM.json beside it, a list of points; one log line per image loaded."""
    found: dict[str, list[Item]] = {}
    for match in tree.match(r"(train|validation)/([^/]+)\.jpg"):
        name = match.group()
        split, stem = match.groups()
        load = partial(load_one, tree, name)
        found.setdefault(split, []).append(Item(stem, load, tree.size(name)))
    for match in tree.match(r"stray\.txt"):
        faults.add("stray file", match.group(), "belongs to no image")
    return found


def load_one(tree: Tree, name: str) -> LoadedItem:
    stem = Path(name).stem
    log = tree.root.parent / "loaded.log"
    with open(log, "a") as file:
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
    empty = (Fault("no point", stem, "nobody looked"),) if not n else ()
    return LoadedItem(example, empty)


def dataset(**changes) -> DatasetSpec:
    fields = {
        "name": "tiny_2020",
        "facts": Facts(sigma=Sigma(pixels=4.0), edition="tiny, 2020"),
        "items": items,
        "counts": {"train": Count(6, 21), "validation": Count(2)},
    }
    return DatasetSpec(**(fields | changes))


def jpeg(seed: int, height: int = HEIGHT, width: int = WIDTH) -> bytes:
    image = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    return cv2.imencode(".jpg", image)[1].tobytes()


def write_files(folder: Path, train: int = 6, validation: int = 2) -> Path:
    """Image i has i + 1 points."""
    for split, count in (("train", train), ("validation", validation)):
        (folder / split).mkdir(parents=True)
        for i in range(count):
            stem = folder / split / f"{split[0]}{i:03d}"
            points = [[2.5 * j % WIDTH, j % HEIGHT] for j in range(i + 1)]
            stem.with_suffix(".jpg").write_bytes(jpeg(i))
            stem.with_suffix(".json").write_text(json.dumps(points))
    return folder


def loaded(source: Path) -> list[str]:
    """The images that were loaded since last asked."""
    log = source.parent / "loaded.log"
    names = log.read_text().split() if log.exists() else []
    log.unlink(missing_ok=True)
    return names


def examples(prepared: Dataset) -> list:
    sources = [Source(prepared, split) for split in prepared.splits]
    return [source[i] for source in sources for i in range(len(source))]


def assert_equal(one: Dataset, other: Dataset):
    """All fields of all examples are equal."""
    for a, b in zip(examples(one), examples(other), strict=True):
        for name, value in vars(a).items():
            np.testing.assert_array_equal(value, getattr(b, name))
