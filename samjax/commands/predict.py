"""`samjax predict`: write the saliency maps of images at the images' own sizes."""

from __future__ import annotations

import argparse
from pathlib import Path

from samjax.commands import scanpath_options, video_options
from samjax.commands.photo_options import add_max_pixels, positive, search
from samjax.errors import UserError

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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add = parser.add_argument
    add(
        "paths",
        nargs="+",
        metavar="PATH",
        help="images, or folders that are searched for images; videos and animated pictures",
    )
    add(
        "--weights",
        metavar="W",
        help="a work folder of a training run, a converted .safetensors, the original's .pkl, the "
        "name of published weights, such as sam-resnet_salicon, or hf:OWNER/NAME[@REVISION] "
        "(default: the bundled model)",
    )
    add("--offline", action="store_true", help="never download weights, use the cache only")
    looks = parser.add_mutually_exclusive_group()
    looks.add_argument(
        "--timesteps",
        type=positive,
        metavar="N",
        help="how often the map is refined (as in training)",
    )
    looks.add_argument(
        "--viewing-time",
        type=float,
        metavar="MS",
        help="where people have looked within so many ms, by a model that was trained with times",
    )
    add(
        "--all-timesteps",
        action="store_true",
        help="the map after every timestep, STEM_t1.npy and so on, or STEM_t1_500ms.npy where the "
        "model was trained with viewing times, from a single pass",
    )
    _add_reading(parser)
    _add_outputs(parser)
    scanpath_options.add_arguments(parser)
    video_options.add_arguments(parser)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say how images are read."""
    add = parser.add_argument
    add(
        "--orientation",
        default="upright",
        choices=("upright", "stored"),
        help="upright: turned as the EXIF data say, as people see it; stored: the pixels as in the "
        "file, to which the fixations of datasets and benchmarks refer (%(default)s)",
    )
    add_max_pixels(parser)
    add(
        "--batch-size",
        type=positive,
        metavar="N",
        help="images at once (1 on a CPU, where more are no faster and take more memory; else 8)",
    )


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say what is written and where."""
    add = parser.add_argument
    add("--output", default="saliency", metavar="DIR", help="folder for the maps (%(default)s)")
    add(
        "--format",
        metavar="F",
        help="any of npy (float32; a density sums to 1), png16, png8 (the maximum at the top of "
        "the range, no exact zeros), with commas between (npy; of a video this writes "
        "STEM/frame_000001.npy and so on, and without it there is STEM_overlay.mp4)",
    )
    add(
        "--overlay",
        action="store_true",
        help="also STEM_overlay.jpg: heat over the image (.mp4 for a video)",
    )
    add(
        "--heatmap",
        action="store_true",
        help="also STEM_heatmap.png: the map in colours (.mp4 for a video)",
    )
    add(
        "--postprocess",
        default="none",
        choices=("none", "paper"),
        help="paper: the release's own resizing and blur (%(default)s)",
    )


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


def output_kinds(formats: str, heatmap: bool, overlay: bool) -> tuple[str, ...]:
    """Return the kinds of files to write, each once.

    Args:
        formats: Names of formats, with commas between.
        heatmap: Whether to write a heat map too.
        overlay: Whether to write the heat map over the image too.

    Raises:
        UserError: A format is unknown, or there is none.
    """
    from samjax.prediction.outputs import FORMATS

    kinds = [name.strip() for name in formats.split(",") if name.strip()]
    unknown = [name for name in kinds if name not in FORMATS]
    if unknown or not kinds:
        raise UserError(f"--format={formats}: use any of {','.join(FORMATS)}")
    if heatmap:
        kinds.append("heatmap")
    if overlay:
        kinds.append("overlay")
    return tuple(dict.fromkeys(kinds))
