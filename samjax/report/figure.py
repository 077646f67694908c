"""Pictures for papers: images beside predictions and ground truth, and the refinement by timestep.

A figure has a row per image and a column per kind of map. It is as wide as a column of a paper,
and is written as PNG and PDF.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from samjax.data.images import decode_stimulus
from samjax.data.sources import Source
from samjax.errors import UserError
from samjax.evaluation.scoreboard import ground_truth
from samjax.files.atomic import atomic
from samjax.pictures.heatmap import overlay
from samjax.prediction.predictor import Predictor
from samjax.report.gallery import CONVENTION, maps_at_image_size, predict_timesteps, spread_evenly

FONT_SIZE = 7  # points
GAP = 0.02  # between pictures, as a fraction of a picture
TITLE_LINES = 2.2  # height of the row of titles, in lines of text
POINTS_PER_INCH = 72
DPI = 300
MAX_BATCH = 8


class Column(NamedTuple):
    """A column of a figure: its title, and a picture RGB uint8 [H, W, 3] for each row."""

    title: str
    pictures: list[np.ndarray]


def panel(models: dict[str, Predictor], source: Source, indices: Sequence[int]) -> list[Column]:
    """Return the columns that compare models: image, each model's map, and the ground truth.

    Args:
        models: The models by the names that their columns get; shown is their last timestep.
        source: The split.
        indices: Which of its examples, one per row.
    """
    photos, densities = _photos_and_densities(source, indices)
    columns = [Column("image", photos)]
    for name, model in models.items():
        last_maps = [maps[-1] for maps in _timestep_maps(model, source, indices)]
        columns.append(Column(name, _overlays(photos, last_maps)))
    return [*columns, Column("ground truth", _overlays(photos, densities))]


def strip(model: Predictor, source: Source, indices: Sequence[int]) -> list[Column]:
    """Return the columns that show the refinement: image, map by timestep, and ground truth."""
    photos, densities = _photos_and_densities(source, indices)
    timestep_maps = _timestep_maps(model, source, indices)
    columns = [Column("image", photos)]
    for t in range(len(timestep_maps[0])):
        maps = [maps[t] for maps in timestep_maps]
        columns.append(Column(f"T = {t + 1}", _overlays(photos, maps)))
    return [*columns, Column("ground truth", _overlays(photos, densities))]


def select_images(source: Source, image_ids: Sequence[str], count: int) -> list[int]:
    """Return the positions of images in a split.

    Args:
        source: The split.
        image_ids: The names of the images; if empty, `count` images spread over the split.
        count: How many without names.

    Raises:
        UserError: The split has no image of a name.
    """
    all_ids = [source.image_id(i) for i in range(len(source))]
    if not image_ids:
        return spread_evenly(len(all_ids), count)
    for image_id in image_ids:
        if image_id not in all_ids:
            raise UserError(f"{source.dataset.name} {source.split} has no image {image_id!r}")
    return [all_ids.index(image_id) for image_id in image_ids]


def draw(columns: Sequence[Column], output: Path, width: float) -> list[Path]:
    """Write OUTPUT.png and OUTPUT.pdf, `width` inches wide; return both paths."""
    rows = list(zip(*(column.pictures for column in columns), strict=True))
    # Rows differ in height where images differ in aspect, for all columns are equally wide.
    aspects = [row[0].shape[0] / row[0].shape[1] for row in rows]
    # Each row is as high as its picture at the width of a column.
    height = width / len(columns) * sum(aspects) + TITLE_LINES * FONT_SIZE / POINTS_PER_INCH
    layout = ConstrainedLayoutEngine(w_pad=0, h_pad=1 / POINTS_PER_INCH, wspace=GAP, hspace=0)
    figure = Figure(figsize=(width, height), layout=layout)
    grid = figure.subplots(
        len(rows), len(columns), squeeze=False, gridspec_kw={"height_ratios": aspects}
    )
    for axes_row, row in zip(grid, rows, strict=True):
        for axes, picture in zip(axes_row, row, strict=True):
            axes.imshow(picture, interpolation="antialiased")
            axes.set_axis_off()
    for axes, column in zip(grid[0], columns, strict=True):
        axes.set_title(column.title, fontsize=FONT_SIZE, pad=2)
    paths = [output.with_name(f"{output.name}.{kind}") for kind in ("png", "pdf")]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic(path) as partial:
            figure.savefig(partial, format=path.suffix[1:], dpi=DPI)
    return paths


def _photos_and_densities(
    source: Source, indices: Sequence[int]
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return photographs, RGB uint8 [H, W, 3], and the densities [H, W] of their fixations."""
    examples = [source[i] for i in indices]
    photos = [decode_stimulus(example.image) for example in examples]
    return photos, [ground_truth(example, CONVENTION)[1] for example in examples]


def _timestep_maps(
    model: Predictor, source: Source, indices: Sequence[int]
) -> list[list[np.ndarray]]:
    """Return for each image the map [H, W] after each timestep, at the image's size."""
    batch_size = min(MAX_BATCH, len(indices))
    predictions = predict_timesteps(model, source, indices, batch_size)
    return [maps_at_image_size(model, prediction) for prediction in predictions]


def _overlays(photos: Sequence[np.ndarray], maps: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Draw each map [h, w] over its photograph [H, W, 3], in the photograph's size.

    The stored file of a stimulus may be smaller or larger than the stimulus that was shown, whose
    size a map has.
    """
    overlays = []
    for photo, saliency in zip(photos, maps, strict=True):
        height, width = photo.shape[:2]
        if saliency.shape != (height, width):
            saliency = cv2.resize(
                np.asarray(saliency, np.float32), (width, height), interpolation=cv2.INTER_AREA
            )
        overlays.append(overlay(photo, saliency))
    return overlays
