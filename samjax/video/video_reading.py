"""Frames of a video, decoded by PyAV one after the other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from samjax.data.orientation import UPRIGHT, exchanges_sides, turned
from samjax.data.picture_files import max_pixels
from samjax.errors import UserError, one_line
from samjax.video.display import orientation_of_frame, shown_width
from samjax.video.frame import Clip, Frame
from samjax.video.options import FRAME_RATE, VideoOptions
from samjax.video.pyav import load_pyav

TOLERANCE = 0.5
"""Seconds by which a video may be shorter than it says before something is missing."""


def open_video(path: Path, options: VideoOptions) -> Clip:
    """Return a video whose frames are read when they are asked for.

    Raises:
        UserError: It cannot be read, or its frames have too many pixels; or PyAV is not installed.
    """
    with _opened(path) as (container, stream):
        _check_pixels(path, stream, options)
        rate = float(stream.average_rate or stream.guessed_rate or FRAME_RATE)
        duration = _declared_seconds(container, stream)
        total = stream.frames or (round(duration * rate) if duration else None)
        first = next(_decoded(container, stream, []), None)
        if first is None:
            raise UserError(f"{path}: cannot be read as a video (no frame can be decoded)")
        size = _shown_size(first, stream, options.upright)

    def read(problems: list[str]) -> Iterator[Frame]:
        yield from _frames(path, rate, size, options.upright, problems)

    return Clip(path, size, rate, total, read)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """Open a video and give its container and its stream of pictures."""
    av = load_pyav()
    try:
        # By its protocol, because names may look like one, and by no other: a playlist that is
        # called a video must not open addresses.
        container = av.open(
            f"file:{path}", options={"protocol_whitelist": "file"}, metadata_errors="replace"
        )
    except (av.FFmpegError, ValueError) as error:
        raise UserError(f"{path}: cannot be read as a video ({_reason(error)})") from error
    with container:
        if not container.streams.video:
            raise UserError(f"{path}: cannot be read as a video (it holds no pictures)")
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        yield container, stream


def _check_pixels(path: Path, stream: Any, options: VideoOptions) -> None:
    """Raise UserError where frames are larger than what is read."""
    pixels, limit = (stream.width or 0) * (stream.height or 0), max_pixels(options.max_pixels)
    if pixels > limit:
        raise UserError(
            f"{path}: its frames have {pixels:,} pixels, and at most {limit:,} are read; allow "
            f"more with --max-pixels={pixels}"
        )


def _decoded(container: Any, stream: Any, problems: list[str]) -> Iterator[Any]:
    """Yield the frames that can be decoded; note what cannot be."""
    av = load_pyav()
    damaged = 0
    packets = container.demux(stream)
    try:
        for packet in packets:
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:  # the packets behind it may be whole
                damaged += 1
                continue
            yield from frames
    except av.FFmpegError as error:
        problems.append(f"it is cut off or damaged ({_reason(error)})")
    if damaged:
        problems.append(f"it is damaged: {damaged} packets cannot be decoded")


def _frames(
    path: Path, rate: float, size: tuple[int, int], upright: bool, problems: list[str]
) -> Iterator[Frame]:
    """Yield the frames of a video in the order in which they are shown."""
    start, waiting = None, None
    with _opened(path) as (container, stream):
        declared = _declared_seconds(container, stream)
        for number, decoded in enumerate(_decoded(container, stream, problems), 1):
            time = decoded.time if decoded.time is not None else (number - 1) / rate + (start or 0)
            start = time if start is None else start
            time -= start
            # A frame waits for the next one, because it is shown until then; what files say of
            # durations is often wrong. Damaged files may jump back; time does not.
            if waiting is not None:
                time = max(time, waiting.time)
                yield waiting._replace(duration=time - waiting.time)
            own = (decoded.duration or 0) * float(decoded.time_base or 0)
            pixels = _pixels(decoded, upright, size)
            waiting = Frame(number, time, own if own > 0 else 1 / rate, pixels)
    if waiting is None:
        return
    missing = declared - waiting.time - waiting.duration
    if not problems and missing > max(TOLERANCE, 3 / rate):
        problems.append(f"it is cut off: the last {missing:.1f} of {declared:.1f} s are missing")
    elif not problems and _is_cut_avi(path):
        problems.append("it is cut off")
    yield waiting


def _is_cut_avi(path: Path) -> bool:
    """Return whether an AVI is shorter than its header says; nothing else in it tells."""
    with path.open("rb") as file:
        head = file.read(12)
    is_avi = head[:4] == b"RIFF" and head[8:] == b"AVI "
    return is_avi and int.from_bytes(head[4:8], "little") + 8 > path.stat().st_size


def _shown_size(first: Any, stream: Any, upright: bool) -> tuple[int, int]:
    """Return (height, width) of a video as people see it, by its first frame."""
    width = shown_width(first.width, stream.sample_aspect_ratio)
    is_turned = upright and exchanges_sides(orientation_of_frame(first))
    return (width, first.height) if is_turned else (first.height, width)


def _pixels(decoded: Any, upright: bool, size: tuple[int, int]) -> np.ndarray:
    """Return a decoded frame as RGB, uint8 [H, W, 3], of that (height, width)."""
    orientation = orientation_of_frame(decoded) if upright else UPRIGHT
    # A stream may change its size in between.
    height, width = size[::-1] if exchanges_sides(orientation) else size
    shown = decoded.reformat(width=width, height=height, format="rgb24")
    return turned(shown.to_ndarray(), orientation)


def _declared_seconds(container: Any, stream: Any) -> float:
    """Return how long the pictures of a video take as it says; 0 where it does not say."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    # Matroska says it in a tag of the stream, as 00:00:10.040000000.
    text = stream.metadata.get("DURATION", "")
    try:
        hours, minutes, seconds = (float(part) for part in text.split(":"))
    except ValueError:
        # That of the whole file may be that of a longer sound.
        is_alone = len(container.streams) == 1 and container.duration
        return container.duration / 1e6 if is_alone else 0.0
    return 3600 * hours + 60 * minutes + seconds


def _reason(error: Exception) -> str:
    """Return in words why FFmpeg failed."""
    return one_line(getattr(error, "strerror", None) or error)
