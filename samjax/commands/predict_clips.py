"""`samjax predict` on videos, animated pictures and folders of frames."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from samjax.commands.video_options import options_of, refuse, tell_about
from samjax.errors import UserError, one_line

if TYPE_CHECKING:  # they take JAX, which is imported only where it is needed
    from samjax.prediction.predictor import Predictor
    from samjax.video.options import VideoOptions
    from samjax.video.predict import PredictedVideo

SHOWN = 3
"""Problems of a clip that are told in full."""


def check(args: argparse.Namespace) -> None:
    """Raise UserError where an option is not possible for clips."""
    options_of(args)
    refuse(
        args,
        {
            "all-timesteps": "give --timesteps=N for the maps of another timestep",
            "scanpath": "it is drawn on photographs",
            "seed": "it is that of --scanpath",
        },
    )


def predict_clips(args: argparse.Namespace, clips: list[Path], formats: tuple[str, ...]) -> int:
    """Predict all clips, and print the paths of what was written.

    Args:
        args: Of the command.
        clips: Videos, animated pictures and folders.
        formats: Of the maps of single frames; none are written if it is empty.

    Returns:
        0, or 1 where a clip failed or was not whole; the others are written then, too.

    Raises:
        UserError: The weights cannot be read, or the output is a file.
    """
    from samjax.console.log import log
    from samjax.prediction.predictor import load_model

    output, options = Path(args.output), options_of(args)
    if output.exists() and not output.is_dir():
        raise UserError(f"{output} is a file; name a folder for the maps")
    tell_about(options)
    model, is_whole = load_model(args.weights, offline=args.offline), True
    if args.viewing_time is not None:
        options = options._replace(timesteps=model.timestep_at(args.viewing_time))
    for path, name in clip_names(clips, output).items():
        try:
            result = _predict(model, path, name, args, formats, options)
        except (UserError, OSError, MemoryError) as error:
            log(f"samjax predict: {path}: {one_line(error).removeprefix(f'{path}: ')}")
            is_whole = False
            continue
        _report(path, result)
        is_whole = is_whole and not result.problems
    return 0 if is_whole else 1


def _predict(
    model: Predictor,
    path: Path,
    name: str,
    args: argparse.Namespace,
    formats: tuple[str, ...],
    options: VideoOptions,
) -> PredictedVideo:
    """Predict a clip, whose results have this name, and show the progress."""
    from samjax.console.progress import ProgressBar
    from samjax.video.clip import open_clip
    from samjax.video.predict import predict_video

    total = open_clip(path, options).total
    with ProgressBar(f"predicting {path.name}", total, unit="frames") as progress:
        return predict_video(
            model,
            path,
            args.output,
            options=options,
            formats=formats,
            overlay=args.overlay or not formats,
            heatmap=args.heatmap,
            postprocess=args.postprocess,
            name=name,
            on_frame=progress.done,
        )


def clip_names(clips: list[Path], output: Path) -> dict[Path, str]:
    """Return {clip: what its results are called}; no two results have the same name."""
    from samjax.prediction.outputs import plan_outputs
    from samjax.prediction.photo_search import Photo

    # A path such as "." has no name of its own.
    resolved = [Photo(path.parent.resolve() / path.resolve().name, Path()) for path in clips]
    plans = plan_outputs(resolved, output, ("_overlay.mp4", "_overlay.webp"))
    names = [plan.files["_overlay.mp4", ""].name.removesuffix("_overlay.mp4") for plan in plans]
    return dict(zip(clips, names, strict=True))


def tell_problems(command: str, path: Path, problems: list[str]) -> None:
    """Tell what could not be read of a clip, on standard error."""
    from samjax.console.log import log

    for problem in problems[:SHOWN]:
        log(f"samjax {command}: {path}: {problem.removeprefix(f'{path}: ')}")
    if len(problems) > SHOWN:
        log(f"samjax {command}: {path}: and {len(problems) - SHOWN} more of this kind")


def _report(path: Path, result: PredictedVideo) -> None:
    """Print what was written of a clip, and tell what could not be read."""
    from samjax.console.log import log

    for written in result.written:
        print(written)
    tell_problems("predict", path, result.problems)
    log(f"{path}: {result.frames} frames, of which {result.predicted} were predicted")
