"""How much attention areas get over the time of a clip."""

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from samjax.analysis.area import Area
from samjax.analysis.area_drawing import draw_shares
from samjax.analysis.area_problems import problems as area_problems
from samjax.analysis.attention import AreaAttention, CoveredArea, attention_in, cover_areas
from samjax.prediction.predictor import Predictor
from samjax.video.clip import open_clip
from samjax.video.frame import Clip, Frame
from samjax.video.mapped import mapped_frames
from samjax.video.options import VideoOptions


class MeasuredFrame(NamedTuple):
    """A frame and the attention that the areas get in it.

    Attributes:
        frame: With its number and time. Its pixels are empty where they were not asked for.
        attention: Of each area. `probability` there is that of one fixation: a frame is shown too
            briefly for several.
    """

    frame: Frame
    attention: list[AreaAttention]


class MeasuredVideo(NamedTuple):
    """The areas of a clip.

    Attributes:
        clip: What was measured.
        areas: With the pixels that they cover of each frame.
        notes: Sentences about areas that are odd.
        problems: Sentences about what could not be read; whole when the frames have ended.
        frames: Each frame when it is asked for, once. Close it if you stop before its end.
    """

    clip: Clip
    areas: list[CoveredArea]
    notes: list[str]
    problems: list[str]
    frames: Generator[MeasuredFrame, None, None]


def measure_video(
    model: Predictor,
    path: str | Path,
    areas: Sequence[Area],
    *,
    options: VideoOptions | None = None,
    keeps_pixels: bool = False,
) -> MeasuredVideo:
    """Measure areas in every frame of a video, an animated picture or a folder of frames.

        for frame, attention in measure_video(model, "clip.mp4", grid(3, 3)).frames:
            print(frame.time, attention[0].share)

    The areas are those of the whole clip: they stay where they are. Memory does not grow with the
    length.

    Args:
        model: The network.
        path: Of the video, the animated picture, or the folder of frames.
        areas: Of every frame.
        options: Which frames are predicted, and how their maps are smoothed; the defaults if None.
        keeps_pixels: Whether the frames are given with their pixels.

    Raises:
        UserError: It cannot be read, an area was drawn on a picture of another aspect, or PyAV is
            needed and not installed.
    """
    options = options or VideoOptions()
    clip = open_clip(path, options)
    covered = cover_areas(areas, *clip.size)
    problems: list[str] = []

    def frames() -> Generator[MeasuredFrame, None, None]:
        for mapped in mapped_frames(
            model, clip, options, problems, density=True, keeps_pixels=keeps_pixels
        ):
            yield MeasuredFrame(mapped.frame, attention_in(mapped.saliency, covered, fixations=1))

    return MeasuredVideo(clip, covered, area_problems(covered, *clip.size), problems, frames())


def draw_frame(measured: MeasuredVideo, found: MeasuredFrame) -> np.ndarray:
    """Return a frame with the outlines of the areas, each with its number and its share then.

    Returns:
        uint8 [H, W, 3] RGB.
    """
    return draw_shares(found.frame.pixels, measured.areas, found.attention)
