"""Photographs of 12 megapixels, made of free ones, with files as large as a camera's."""

import os
from pathlib import Path

import cv2
import numpy as np

from experiments.free_photographs import collect
from samjax.errors import UserError
from samjax.files.atomic import write_atomic

SIZE = (3000, 4000)
DISTINCT = 60
NOISE = 6.0  # levels; with QUALITY it makes files of 3.2 MB on average, as cameras do
QUALITY = 92


def make_photographs(folder: Path, count: int, distinct: int = DISTINCT) -> Path:
    """Make a folder of JPEGs of 4000 x 3000; those that are there are kept.

    Args:
        folder: Gets distinct/NNN.jpg, and COUNT/NNNN.jpg, which are links to these in turn.
        count: How many the second folder has.
        distinct: How many different ones there are.

    Returns:
        The second folder.

    Raises:
        UserError: No installed package brings a free photograph.
    """
    for number in range(min(distinct, count)):
        path = folder / "distinct" / f"{number:03}.jpg"
        if not path.exists():
            write_atomic(path, _photograph(_sources(folder / "free"), number))
    linked = folder / str(count)
    linked.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        link = linked / f"{number:04}.jpg"
        if not link.exists():
            os.link(folder / "distinct" / f"{number % distinct:03}.jpg", link)
    return linked


def _sources(folder: Path) -> list[Path]:
    """Return the free photographs, copied into a folder."""
    if not folder.is_dir():
        collect(folder)
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".jpg", ".png"))
    if not paths:
        raise UserError("no package brings a free photograph; run: pip install scikit-image")
    return paths


def _photograph(sources: list[Path], number: int) -> bytes:
    """Return a JPEG of a part of one of the sources, enlarged, with noise."""
    rng = np.random.default_rng(number)
    image = cv2.imread(str(sources[number % len(sources)]))
    assert image is not None
    height = min(image.shape[0], image.shape[1] * SIZE[0] // SIZE[1])
    rows = int(height * rng.uniform(0.6, 1))
    columns = rows * SIZE[1] // SIZE[0]
    top = rng.integers(0, image.shape[0] - rows + 1)
    left = rng.integers(0, image.shape[1] - columns + 1)
    part = image[top : top + rows, left : left + columns]
    large = cv2.resize(part, SIZE[::-1], interpolation=cv2.INTER_CUBIC)
    noise = rng.normal(0, NOISE, (SIZE[0], SIZE[1], 1)).astype(np.float32)
    colours = rng.normal(0, NOISE / 2, (SIZE[0] // 2, SIZE[1] // 2, 3)).astype(np.float32)
    noise = noise + cv2.resize(colours, SIZE[::-1], interpolation=cv2.INTER_NEAREST)
    noisy = np.clip(large + noise, 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes()
