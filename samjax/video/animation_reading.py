"""Frames of an animated picture, decoded by Pillow: GIF, WebP, APNG, AVIF."""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from samjax.data.orientation import UPRIGHT, exchanges_sides, orientation_of, turned
from samjax.data.picture_files import opened
from samjax.data.pixels import rgb
from samjax.errors import UserError, one_line
from samjax.video.frame import Clip, Frame
from samjax.video.options import VideoOptions

NO_DURATION = 0.1
"""Seconds of a frame that has no duration, as browsers show it."""


def open_animation(path: Path, options: VideoOptions) -> Clip:
    """Return an animated picture whose frames are read when they are asked for.

    Raises:
        UserError: It cannot be read.
    """
    try:
        with opened(path, options.max_pixels) as image:
            size = image.height, image.width
            if options.upright and exchanges_sides(orientation_of(image)):
                size = size[::-1]
            total = getattr(image, "n_frames", 1) - _first(image)
            image.seek(_first(image))
            image.load()
            rate = 1 / _duration(image)
    except UserError as error:
        raise UserError(f"{path}: cannot be read as an animation ({error})") from error

    def read(problems: list[str]) -> Iterator[Frame]:
        yield from _frames(path, options, problems)

    return Clip(path, size, rate, total, read, is_animation=True)


def _first(image: Image.Image) -> int:
    """Return the index of the first frame: an APNG may begin with a picture that is not shown."""
    return 1 if getattr(image, "default_image", False) else 0


def _duration(image: Image.Image) -> float:
    """Return how long the frame at hand is shown, in seconds."""
    return (image.info.get("duration") or 0) / 1000 or NO_DURATION


def _frames(path: Path, options: VideoOptions, problems: list[str]) -> Iterator[Frame]:
    """Yield the frames of an animated picture."""
    with opened(path, options.max_pixels) as image:
        orientation = orientation_of(image) if options.upright else UPRIGHT
        first, time = _first(image), 0.0
        for index in range(first, getattr(image, "n_frames", 1)):
            try:
                image.seek(index)
                pixels = turned(rgb(image), orientation)
            # Decoders of damaged files raise exceptions of all kinds.
            except Exception as error:
                number = index - first + 1
                problems.append(
                    f"it is cut off or damaged from frame {number} on ({one_line(error)})"
                )
                return
            duration = _duration(image)
            yield Frame(index - first + 1, time, duration, pixels)
            time += duration
