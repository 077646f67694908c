"""The areas of one picture, measured by a model: `samjax areas` for a single picture."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from samjax.analysis.area import Area, Polygon
from samjax.analysis.area_problems import problems
from samjax.analysis.attention import (
    FIXATIONS,
    AreaAttention,
    CoveredArea,
    attention_in,
    cover_areas,
)
from samjax.analysis.strongest import strongest_regions
from samjax.pictures.outlines import Outline, draw_outlines, rings_of_mask
from samjax.prediction.photo import read_pixels
from samjax.prediction.predictor import Predictor
from samjax.prediction.saliency import Saliency


class MeasuredPicture(NamedTuple):
    """A picture's areas and the attention that they get.

    Attributes:
        path: Of the picture.
        size: (height, width) in pixels.
        areas: With the pixels that they cover.
        attention: {timestep: of each area}; the last entry is the model's prediction.
        notes: Sentences about areas that are odd.
        pixels: The picture, uint8 [H, W, 3] RGB.
    """

    path: Path
    size: tuple[int, int]
    areas: list[CoveredArea]
    attention: dict[int, list[AreaAttention]]
    notes: list[str]
    pixels: np.ndarray

    @property
    def final(self) -> list[AreaAttention]:
        """What the model predicts of each area, after its last timestep."""
        return self.attention[max(self.attention)]


def measure_picture(
    model: Predictor,
    path: Path,
    areas: Sequence[Area],
    *,
    strongest: int = 0,
    fixations: int = FIXATIONS,
    all_timesteps: bool = False,
) -> MeasuredPicture:
    """Predict a picture and measure its areas.

    Args:
        model: The network.
        path: Of the picture.
        areas: Of this picture.
        strongest: How many of the strongest regions are taken as areas beside them.
        fixations: See `AreaAttention.probability`.
        all_timesteps: Whether to measure after each timestep; else after the last one only.

    Raises:
        UserError: The picture cannot be read, or an area was drawn on a picture of another aspect.
    """
    return measure_pixels(
        model,
        path,
        read_pixels(path),
        areas,
        strongest=strongest,
        fixations=fixations,
        all_timesteps=all_timesteps,
    )


def measure_pixels(
    model: Callable[[np.ndarray], Saliency],
    path: Path,
    pixels: np.ndarray,
    areas: Sequence[Area],
    *,
    strongest: int = 0,
    fixations: int = FIXATIONS,
    all_timesteps: bool = False,
) -> MeasuredPicture:
    """Predict a picture that was read already, and measure its areas, see `measure_picture`.

    Args:
        model: A `Predictor`, or what calls one.
        path: What the picture is called.
        pixels: uint8 [H, W, 3] RGB.
        areas: Of this picture.
        strongest: As there.
        fixations: As there.
        all_timesteps: As there.
    """
    height, width = pixels.shape[:2]
    # Before the prediction, which takes longer: an area that does not fit should be told at once.
    covered = cover_areas(areas, height, width)
    saliency = model(pixels)
    if strongest:
        covered += cover_areas(strongest_regions(saliency.density, strongest), height, width)
    notes = problems(covered, height, width)
    if len(covered) < strongest:
        notes.append(f"the density has {len(covered)} regions only, not {strongest}")
    densities = {saliency.last_timestep: saliency.density}
    if all_timesteps and saliency.last_timestep:
        densities = dict(enumerate(saliency.timesteps, 1))
    attention = {t: attention_in(density, covered, fixations) for t, density in densities.items()}
    return MeasuredPicture(path, (height, width), covered, attention, notes, pixels)


def draw_areas(measured: MeasuredPicture) -> np.ndarray:
    """Return the picture with the outlines of its areas, each with its number and share.

    Returns:
        uint8 [H, W, 3] RGB.
    """
    outlines = []
    rows = zip(measured.areas, measured.final, strict=True)
    for number, ((area, coverage), attention) in enumerate(rows, 1):
        if not coverage.inside:  # named already; a label without an outline would puzzle
            continue
        shape = area.on(*measured.size).shape
        if isinstance(shape, Polygon):
            rings = list(shape.rings)
        else:
            corner = np.array([coverage.left, coverage.top])
            rings = [ring + corner for ring in rings_of_mask(coverage.weights)]
        outlines.append(Outline(rings, f"{number}: {100 * attention.share:.1f}%"))
    return draw_outlines(measured.pixels, outlines)
