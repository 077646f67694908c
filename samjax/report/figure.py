"""Pictures for papers: images beside predictions and ground truth, and the refinement by timestep.

A row per image; at the width of a column, as PNG and PDF.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from matplotlib.figure import Figure

from samjax.data.images import decode_stimulus
from samjax.data.sources import Source
from samjax.errors import UserError
from samjax.evaluation.scoreboard import ground_truth
from samjax.files.atomic import atomic
from samjax.pictures.heatmap import overlay
from samjax.report.gallery import CONVENTION, original, seen

FONT = 7  # points
GAP = 0.02  # of a picture, between pictures
DPI = 300


class Column(NamedTuple):
    """A title, and a picture RGB uint8 [H, W, 3] for each row."""

    title: str
    pictures: list[np.ndarray]


def panel(models: dict, source: Source, indices: Sequence[int]) -> list[Column]:
    """Image, the last timestep's map of each model by name, and the fixations' density."""
    photos, truth = _given(source, indices)
    columns = [Column("image", photos)]
    for name, model in models.items():
        maps = [m[-1] for m in _maps(model, source, indices)]
        columns.append(Column(name, _over(photos, maps)))
    return [*columns, Column("ground truth", _over(photos, truth))]


def strip(model, source: Source, indices: Sequence[int]) -> list[Column]:
    """Image, the map after each timestep, and the fixations' density."""
    photos, truth = _given(source, indices)
    maps = _maps(model, source, indices)
    steps = [
        Column(f"T = {t + 1}", _over(photos, [m[t] for m in maps])) for t in range(len(maps[0]))
    ]
    return [Column("image", photos), *steps, Column("ground truth", _over(photos, truth))]


def places(source: Source, image_ids: Sequence[str], count: int) -> list[int]:
    """Where the images of these ids are; without ids `count` images spread over the split."""
    ids = [source.image_id(i) for i in range(len(source))]
    if not image_ids:
        spread = np.linspace(0, len(ids) - 1, min(count, len(ids)))
        return np.unique(np.rint(spread).astype(int)).tolist()
    for image_id in image_ids:
        if image_id not in ids:
            raise UserError(f"{source.dataset.name} {source.split} has no image {image_id!r}")
    return [ids.index(image_id) for image_id in image_ids]


def draw(columns: Sequence[Column], output: Path, width: float) -> list[Path]:
    """Writes OUTPUT.png and OUTPUT.pdf, `width` inches wide; returns both."""
    rows = list(zip(*(column.pictures for column in columns), strict=True))
    aspects = [row[0].shape[0] / row[0].shape[1] for row in rows]
    cell = width / len(columns)
    height = cell * sum(aspects) + 2.2 * FONT / 72
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.get_layout_engine().set(w_pad=0, h_pad=1 / 72, wspace=GAP, hspace=0)
    grid = figure.subplots(
        len(rows), len(columns), squeeze=False, gridspec_kw={"height_ratios": aspects}
    )
    for axes_row, row in zip(grid, rows, strict=True):
        for axes, picture in zip(axes_row, row, strict=True):
            axes.imshow(picture, interpolation="antialiased")
            axes.set_axis_off()
    for axes, column in zip(grid[0], columns, strict=True):
        axes.set_title(column.title, fontsize=FONT, pad=2)
    paths = [output.with_name(f"{output.name}.{kind}") for kind in ("png", "pdf")]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic(path) as partial:
            figure.savefig(partial, format=path.suffix[1:], dpi=DPI)
    return paths


def _given(source: Source, indices: Sequence[int]) -> tuple[list, list]:
    """Photographs at the stimuli's sizes, and densities."""
    examples = [source[i] for i in indices]
    photos = [decode_stimulus(example.image) for example in examples]
    return photos, [ground_truth(example, CONVENTION)[1] for example in examples]


def _maps(model, source: Source, indices: Sequence[int]) -> list[list[np.ndarray]]:
    """For each image the map after each timestep, at its original size."""
    found = seen(model, source, indices, batch_size=min(8, len(indices)))
    return [[original(model, m, example) for m in maps] for example, maps, _ in found]


def _over(photos: list, maps: list) -> list[np.ndarray]:
    """Maps over photographs, each in the photograph's size."""
    return [overlay(photo, _as(photo, m)) for photo, m in zip(photos, maps, strict=True)]


def _as(photo: np.ndarray, saliency: np.ndarray) -> np.ndarray:
    height, width = photo.shape[:2]
    if saliency.shape == (height, width):
        return saliency
    return cv2.resize(np.float32(saliency), (width, height), interpolation=cv2.INTER_AREA)
