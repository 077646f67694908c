"""Small clips without loss: the pixels and times that are written are those to be read."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = (24, 32)


def random_frames(count: int, size: tuple[int, int] = SIZE) -> list[np.ndarray]:
    """Frames that all differ, uint8 [H, W, 3]."""
    rng = np.random.default_rng(count)
    return [rng.integers(0, 256, (*size, 3), np.uint8) for _ in range(count)]


def write_lossless(path: Path, frames: Sequence[np.ndarray], times: Sequence[float]) -> Path:
    """Write a video of FFV1, which keeps every bit; times are in seconds, to the millisecond."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "bgr0"
        stream.codec_context.time_base = Fraction(1, 1000)
        for pixels, time in zip(frames, times, strict=True):
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(format="bgr0")
            frame.pts, frame.time_base = round(1000 * time), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_animation(
    path: Path, frames: Sequence[np.ndarray], milliseconds: Sequence[int] | int = 40
) -> Path:
    """Write a GIF of 16 grey levels, an APNG or a lossless WebP, each of which keeps its pixels."""
    first, *others = [Image.fromarray(pixels) for pixels in frames]
    first.save(
        path, save_all=True, append_images=others, duration=milliseconds, loop=0, lossless=True
    )
    return path


def grey_frames(count: int, size: tuple[int, int] = SIZE) -> list[np.ndarray]:
    """Frames of 16 grey levels, which the palette of a GIF holds."""
    return [
        np.repeat(frame[..., :1] // 16 * 16, 3, axis=-1) for frame in random_frames(count, size)
    ]


def seconds(count: int, rate: float = 25) -> list[float]:
    """The times of frames at an even rate."""
    return [k / rate for k in range(count)]
