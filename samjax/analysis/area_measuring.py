"""The areas of one picture, measured by a model: `samjax areas` for a single picture."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from samjax.analysis.area import Area
from samjax.analysis.area_drawing import draw_shares
from samjax.analysis.area_problems import problems
from samjax.analysis.attention import (
    FIXATIONS,
    AreaAttention,
    CoveredArea,
    attention_in,
    cover_areas,
    fixations_by,
)
from samjax.prediction.photo import read_pixels
from samjax.prediction.predictor import Predictor
from samjax.prediction.saliency import Saliency


class Look(NamedTuple):
    """The attention that areas get after one timestep of the model.

    Attributes:
        timestep: From 1; 0 for a model without recurrence.
        viewing_time_ms: The time that the timestep stands for: the density is of the fixations that
            begin by then. None for a model that was not trained with times.
        fixations: How many first fixations `AreaAttention.probability` is about.
        attention: Of each area.
    """

    timestep: int
    viewing_time_ms: float | None
    fixations: int
    attention: list[AreaAttention]

    @property
    def name(self) -> str:
        """The time or the timestep in short, as a head of a table."""
        if self.viewing_time_ms is None:
            return f"t{self.timestep}"
        return f"{self.viewing_time_ms:g} ms"


class MeasuredPicture(NamedTuple):
    """A picture's areas and the attention that they get.

    Attributes:
        path: Of the picture.
        size: (height, width) in pixels.
        areas: With the pixels that they cover.
        looks: After each timestep that was asked for; the last one is the model's prediction.
        notes: Sentences about areas that are odd.
        pixels: The picture, uint8 [H, W, 3] RGB.
    """

    path: Path
    size: tuple[int, int]
    areas: list[CoveredArea]
    looks: list[Look]
    notes: list[str]
    pixels: np.ndarray

    @property
    def final(self) -> list[AreaAttention]:
        """What the model predicts of each area, after its last timestep."""
        return self.looks[-1].attention


def measure_picture(
    model: Predictor,
    path: Path,
    areas: Sequence[Area],
    *,
    strongest: int = 0,
    fixations: int | None = None,
    all_timesteps: bool = False,
    max_pixels: int | None = None,
) -> MeasuredPicture:
    """Predict a picture and measure its areas.

    Args:
        model: The network.
        path: Of the picture.
        areas: Of this picture.
        strongest: How many of the strongest regions are taken as areas beside them.
        fixations: See `AreaAttention.probability`. None: as many as people make by the viewing time
            of a timestep, see `fixations_by`, or `FIXATIONS` where the model knows no times.
        all_timesteps: Whether to measure after each timestep; else after the last one only.
        max_pixels: See `read_pixels`.

    Raises:
        UserError: The picture cannot be read, or an area was drawn on a picture of another aspect.
    """
    return measure_pixels(
        model,
        path,
        read_pixels(path, max_pixels),
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
    fixations: int | None = None,
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
        # Imported only here: it brings SciPy, which takes longer than a prediction.
        from samjax.analysis.strongest import strongest_regions

        covered += cover_areas(strongest_regions(saliency.density, strongest), height, width)
    notes = problems(covered, height, width)
    if len(covered) < strongest:
        notes.append(f"the density has {len(covered)} regions only, not {strongest}")
    looks = _looks(saliency, covered, fixations, all_timesteps)
    return MeasuredPicture(path, (height, width), covered, looks, notes, pixels)


def _looks(
    saliency: Saliency, covered: Sequence[CoveredArea], fixations: int | None, all_timesteps: bool
) -> list[Look]:
    """Return the attention to areas after the last timestep, or after each of them."""
    densities = {saliency.last_timestep: saliency.density}
    if all_timesteps and saliency.last_timestep:
        densities = dict(enumerate(saliency.timesteps, 1))
    looks = []
    for timestep, density in densities.items():
        time = saliency.viewing_time_ms(timestep)
        number = fixations or (FIXATIONS if time is None else fixations_by(time))
        looks.append(Look(timestep, time, number, attention_in(density, covered, number)))
    return looks


def draw_areas(measured: MeasuredPicture) -> np.ndarray:
    """Return the picture with the outlines of its areas, each with its number and share.

    Returns:
        uint8 [H, W, 3] RGB.
    """
    return draw_shares(measured.pixels, measured.areas, measured.final)
