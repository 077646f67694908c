"""`samjax predict`: write the saliency maps of images at the images' own sizes."""

from __future__ import annotations

import argparse
from pathlib import Path

from samjax.commands import scanpath_options, video_options
from samjax.commands.photo_options import search
from samjax.commands.predict_options import add_arguments, output_kinds

__all__ = ["EXAMPLE", "SUMMARY", "add_arguments", "run"]

SUMMARY = "Predict saliency maps for images, folders of images, and videos, at their own sizes."
EXAMPLE = """\
  samjax predict --output saliency --overlay photos/ portrait.jpg
  samjax predict --weights runs/demo --output saliency photos/
  samjax predict --output saliency --fps 5 clip.mp4

The first takes the bundled model and writes saliency/portrait.npy (float32 [height, width]) and
saliency/portrait_overlay.jpg, and the same for every image in photos/, sub-folders kept; the second
takes the model of a training run; the third writes saliency/clip_overlay.mp4 from 5 predictions a
second. Images that would share a name are told apart by
their ending (a_jpg, a_png). Maps of an earlier run are replaced; no input ever is."""


def run(args: argparse.Namespace) -> int:
    """Predict all images and videos, and print the paths of the files that were written.

    Returns:
        0, or 1 where one failed; the others are written then, too.

    Raises:
        UserError: The arguments are wrong, or the weights cannot be read.
    """
    clips, args.paths = video_options.split_paths(args)
    if not clips:
        return _predict_photos(args)
    from samjax.commands import predict_clips

    predict_clips.check(args)
    formats = output_kinds(args.format, False, False) if args.format else ()
    status = _predict_photos(args) if args.paths else 0
    return max(status, predict_clips.predict_clips(args, clips, formats))


def _predict_photos(args: argparse.Namespace) -> int:
    """Predict all images, and return the exit status, see `run`."""
    from samjax.console.log import log
    from samjax.console.progress import ProgressBar

    kinds = output_kinds(args.format or "npy", args.heatmap, args.overlay)
    encoders = scanpath_options.encoders(args.scanpath, args.seed)
    found = search(args.paths, Path(args.output))
    photos, total = found.photos, len(found.photos) + len(found.failed)
    if not photos:  # nothing to load a model for
        return _report([], found.failed, total)
    if args.weights:
        log(f"loading {args.weights}")
    # Imported only now: JAX takes seconds, and a wrong path should be told at once.
    from samjax.prediction.predict import predict_paths, usual_batch_size
    from samjax.prediction.predictor import load_model
    from samjax.prediction.reading import ReadOptions

    model = load_model(args.weights, offline=args.offline)
    timesteps = args.timesteps
    if args.viewing_time is not None:
        timesteps = model.timestep_at(args.viewing_time)
    log("compiling for the first batch, then predicting")
    with ProgressBar("predicting", len(photos)) as progress:
        result = predict_paths(
            model,
            args.paths,
            args.output,
            kinds=kinds,
            encoders=encoders,
            postprocess=args.postprocess,
            timesteps=timesteps,
            all_timesteps=args.all_timesteps,
            batch_size=min(args.batch_size or usual_batch_size(), len(photos)),
            reading=ReadOptions(args.max_pixels, args.orientation == "upright"),
            on_done=lambda photo: progress.done(),
        )
    return _report(result.written, result.failed, total)


def _report(written: list[Path], failed: list[tuple[Path, str]], total: int) -> int:
    """Print what was written, tell what failed, and return the exit status.

    Args:
        written: The files.
        failed: The images that failed, and why.
        total: How many images there were.
    """
    from samjax.console.log import log

    for path in written:
        print(path)
    for photo, reason in failed:
        log(f"samjax predict: {photo}: {reason}")
    log(f"{len(written)} files for {total - len(failed)} of {total} images")
    return 1 if failed else 0
