"""The options of `samjax predict` and `samjax areas` for clips, and which paths are clips.

A clip is a video, an animated picture, or with --frames a folder of frames.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from samjax.errors import UserError

if TYPE_CHECKING:  # they take NumPy and OpenCV, which are imported only where they are needed
    from samjax.video.options import VideoOptions

OPTIONS = ("every", "fps", "smooth", "frame_rate")
"""The options that only clips have."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of clips to a parser."""
    group = parser.add_argument_group(
        "videos",
        "A video or an animated picture (GIF, WebP, APNG, AVIF) that is named itself is taken\n"
        "frame by frame. In a folder, an animated picture is a photograph, its first frame, and\n"
        "videos are left out. Each frame is looked at alone: the model is static and knows no\n"
        "motion. Videos need the extra: pip install 'samjax[video]'",
    )
    add = group.add_argument
    add(
        "--frames",
        action="store_true",
        help="each folder that is named is a clip, whose frames are its pictures by name",
    )
    add(
        "--frame-rate",
        type=_above_zero,
        metavar="R",
        help="frames per second of such a folder (25)",
    )
    add("--every", type=int, metavar="N", help="predict every Nth frame only (1)")
    add(
        "--fps",
        type=_above_zero,
        metavar="F",
        help="predict at most F frames of each second; those between keep the last map",
    )
    add(
        "--smooth",
        type=float,
        metavar="SECONDS",
        help="exponential smoothing of the maps over time: in dt seconds they move by "
        "1 - exp(-dt/SECONDS) towards the prediction; 0 for none (0.2)",
    )


def _above_zero(text: str) -> float:
    """Return the number that an argument names; argparse reports one not above 0."""
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def split_paths(args: argparse.Namespace) -> tuple[list[Path], list[str]]:
    """Return the clips among the paths of a command, and the other paths.

    Raises:
        UserError: An option of clips is given and there is no clip, or --frames without a folder.
    """
    from samjax.data.moving import is_animated, is_video

    clips: list[Path] = []
    others: list[str] = []
    for text in args.paths:
        path = Path(text)
        is_folder = args.frames and bool(text) and path.is_dir()
        is_clip = is_folder or (path.is_file() and (is_video(path) or is_animated(path)))
        if is_clip and path not in clips:
            clips.append(path)
        elif not is_clip:
            others.append(text)
    if args.frames and not any(path.is_dir() for path in clips):
        raise UserError("--frames takes folders of frames as clips, and none is named")
    given = [name for name in OPTIONS if getattr(args, name) is not None]
    if given and not clips:
        option = given[0].replace("_", "-")
        raise UserError(
            f"--{option}={getattr(args, given[0]):g} is for videos, animated pictures and, with "
            "--frames, folders of frames; none is named"
        )
    return clips, others


def options_of(args: argparse.Namespace) -> VideoOptions:
    """Return the options of clips that a command line gives.

    Raises:
        UserError: One of them is not possible.
    """
    from samjax.video.options import VideoOptions, check_options

    names = (*OPTIONS, "timesteps", "batch_size", "max_pixels")
    given = {name: getattr(args, name, None) for name in names}
    if isinstance(given["timesteps"], bool):  # of samjax areas it is another option
        del given["timesteps"]
    options = VideoOptions(**{name: value for name, value in given.items() if value is not None})
    if getattr(args, "orientation", "upright") == "stored":
        options = options._replace(upright=False)
    check_options(options)
    return options


def tell_about(options: VideoOptions) -> None:
    """Say once what the maps of clips are, on standard error."""
    from samjax.console.log import log

    smoothing = f"smoothed over {options.smooth:g} s" if options.smooth else "not smoothed"
    log(
        f"each frame is looked at alone, by a static model that knows no motion; maps are "
        f"{smoothing} (--smooth)"
    )


def refuse(args: argparse.Namespace, reasons: dict[str, str]) -> None:
    """Raise UserError where an option is given that clips do not have.

    Args:
        args: The arguments.
        reasons: {option: what to do instead}.
    """
    for option, remedy in reasons.items():
        value = getattr(args, option.replace("-", "_"), None)
        if value is not None and value is not False:
            raise UserError(f"--{option} is not for videos and animated pictures; {remedy}")
