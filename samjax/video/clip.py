"""A clip of any kind: a video, an animated picture, or a folder of frames."""

from pathlib import Path

from samjax.data.moving import is_animated, is_video
from samjax.errors import UserError
from samjax.video.animation_reading import open_animation
from samjax.video.folder_reading import open_folder
from samjax.video.frame import Clip
from samjax.video.options import VideoOptions, check_options
from samjax.video.video_reading import open_video


def open_clip(path: str | Path, options: VideoOptions | None = None) -> Clip:
    """Open a video, an animated picture or a folder of frames.

        for frame in open_clip("clip.mp4").read([]):
            frame.time, frame.pixels        # seconds, uint8 [H, W, 3]

    Args:
        path: Of the file or folder.
        options: See `VideoOptions`; their defaults if None.

    Returns:
        The clip, with a method that yields its frames one after the other.

    Raises:
        UserError: It cannot be read, or needs PyAV, which is not installed.
    """
    path, options = Path(path), options or VideoOptions()
    check_options(options)
    if path.is_dir():
        return open_folder(path, options)
    if not path.exists():
        raise UserError(f"{path} does not exist; give a video, an animated picture or a folder")
    if is_animated(path):
        return open_animation(path, options)
    if not is_video(path):
        raise UserError(f"{path}: is no video and no animated picture")
    return open_video(path, options)
