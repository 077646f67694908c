"""A moving picture as a file: MP4 for videos, animated WebP for animated pictures."""

from contextlib import AbstractContextManager
from pathlib import Path

from samjax.video.frame import Clip
from samjax.video.video_writing import VideoWriter, video_writer
from samjax.video.webp_writing import WebpWriter, webp_writer


def ending_for(clip: Clip) -> str:
    """Return the ending of a moving picture that is made of a clip.

    An animated picture gives an animated WebP, which needs no further package and has all colours.
    """
    return ".webp" if clip.is_animation else ".mp4"


def frame_writer(path: Path, rate: float) -> AbstractContextManager[VideoWriter | WebpWriter]:
    """Return what writes frames to a file of that ending, which appears when it is whole."""
    return webp_writer(path) if path.suffix == ".webp" else video_writer(path, rate)
