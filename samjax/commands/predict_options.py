"""The options of `samjax predict`: what is read, how the model looks, and what is written."""

from __future__ import annotations

import argparse

from samjax.commands import scanpath_options, video_options
from samjax.commands.photo_options import add_max_pixels, positive
from samjax.errors import UserError


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
