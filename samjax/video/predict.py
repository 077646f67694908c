"""Predict a clip: the heat over it as a moving picture, and its maps as files."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from samjax.errors import UserError
from samjax.pictures import heatmap as colours
from samjax.prediction.outputs import FORMATS
from samjax.prediction.predictor import Predictor
from samjax.video.clip import open_clip
from samjax.video.frame import Clip
from samjax.video.map_files import MapFiles
from samjax.video.mapped import MappedFrame, mapped_frames
from samjax.video.options import VideoOptions
from samjax.video.writing import ending_for, frame_writer


@dataclass
class PredictedVideo:
    """What became of a clip.

    Attributes:
        written: The moving pictures, and the folder of the maps.
        frames: How many frames were read.
        predicted: At how many of them the network has looked.
        problems: Sentences about what could not be read.
    """

    written: list[Path] = field(default_factory=list)
    frames: int = 0
    predicted: int = 0
    problems: list[str] = field(default_factory=list)


def predict_video(
    model: Predictor,
    path: str | Path,
    output: str | Path,
    *,
    options: VideoOptions | None = None,
    formats: Sequence[str] = (),
    overlay: bool = True,
    heatmap: bool = False,
    postprocess: str = "none",
    name: str | None = None,
    on_frame: Callable[[], None] = lambda: None,
) -> PredictedVideo:
    """Predict a video, an animated picture or a folder of frames, and write what was asked for.

    Each frame is predicted alone, by a model that knows no motion. Memory does not grow with the
    length. A file appears under its name when it is whole.

    Args:
        model: The network.
        path: Of the video, the animated picture, or the folder of frames.
        output: The folder for the results. Of clip.mp4 they are clip_overlay.mp4,
            clip_heatmap.mp4, and the folder clip/ with the maps. Those of an animated picture are
            animated WebP, which needs no further package.
        options: Which frames are predicted, the smoothing, and more; the defaults if None.
        formats: "npy", "png16", "png8": a file for each frame at which the network has looked,
            frame_000001.npy and so on, and times.csv with the times of these frames.
        overlay: Whether to write the heat over the clip.
        heatmap: Whether to write the maps in colours.
        postprocess: "none" or "paper", see `to_original`.
        name: What the results are called; as the clip if None.
        on_frame: Called after each frame.

    Returns:
        What was written, and what could not be read: of a video that is cut off, what could be
        read is written.

    Raises:
        UserError: Nothing can be read, or an option is wrong, or PyAV is needed and not installed.
    """
    options = options or VideoOptions()
    unknown = [kind for kind in formats if kind not in FORMATS]
    if unknown or not (formats or overlay or heatmap):
        raise UserError(f"formats={','.join(formats)}: use any of {','.join(FORMATS)}")
    clip = open_clip(path, options)
    files = {"overlay": overlay, "heatmap": heatmap}
    base = Path(output) / (name or clip.path.resolve().stem)
    plan = _Plan(
        {k: Path(f"{base}_{k}{ending_for(clip)}") for k, wanted in files.items() if wanted},
        base,
        tuple(formats),
    )
    _check_places(clip, plan)
    result = PredictedVideo()
    frames = mapped_frames(
        model,
        clip,
        options,
        result.problems,
        density=model.density,
        postprocess=postprocess,
        keeps_pixels=overlay,
    )
    with closing(frames):
        _write(frames, clip, plan, result, on_frame)
    return result


class _Plan(NamedTuple):
    """What is written.

    Attributes:
        moving: {"overlay" or "heatmap": the file}.
        folder: For the maps.
        formats: Of the maps; none are written where it is empty.
    """

    moving: dict[str, Path]
    folder: Path
    formats: tuple[str, ...]


def _check_places(clip: Clip, plan: _Plan) -> None:
    """Raise UserError where what is written would lie on what is read."""
    places = [*plan.moving.values(), *([plan.folder] if plan.formats else [])]
    for place in places:
        if place.resolve() == clip.path.resolve():
            raise UserError(f"{place} is read and written at once; choose another --output")


def _write(
    frames: Iterator[MappedFrame],
    clip: Clip,
    plan: _Plan,
    result: PredictedVideo,
    on_frame: Callable[[], None],
) -> None:
    """Write all frames as planned, and note what was written and counted."""
    with ExitStack() as stack:
        writers = {
            kind: stack.enter_context(frame_writer(file, clip.rate))
            for kind, file in plan.moving.items()
        }
        maps = stack.enter_context(MapFiles(plan.folder, plan.formats)) if plan.formats else None
        for mapped in frames:
            frame = mapped.frame
            for kind, writer in writers.items():
                writer.write(_picture(kind, mapped), frame.time, frame.duration)
            if maps is not None and mapped.is_predicted:
                maps.write(mapped)
            result.frames += 1
            result.predicted += mapped.is_predicted
            on_frame()
        if not result.frames:
            raise UserError(f"{clip.path}: no frame can be read ({'; '.join(result.problems)})")
    result.written += [*plan.moving.values(), *([plan.folder] if plan.formats else [])]


def _picture(kind: str, mapped: MappedFrame) -> np.ndarray:
    """Return a frame of a moving picture, uint8 [H, W, 3] RGB."""
    if kind == "overlay":
        return colours.overlay(mapped.frame.pixels, mapped.saliency)
    return colours.heatmap(mapped.saliency)
