"""An MP4 of H.264, encoded by PyAV.

PyAV's packages bring libx264, the best encoder of H.264, under the GPL. samjax holds none of its
code and ships no part of it: it asks for an encoder by its name. A PyAV that was built without it
has libopenh264 (BSD), or at least FFmpeg's own MPEG-4 (LGPL).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from samjax.errors import UserError
from samjax.files.atomic import atomic
from samjax.pictures.marks import MARK
from samjax.video.pyav import load_pyav

ENCODERS = {
    "libx264": {"crf": "20", "preset": "veryfast"},
    "libopenh264": {"rc_mode": "off"},
    "mpeg4": {"qscale": "3"},
}
"""{encoder: its options}, the first that there is; veryfast also looks ahead by few frames, which
take memory."""
TICKS = 60_000
"""Of a second: 24, 25, 30, 50 and 60 frames per second, and 1000/1001 of them, are whole ticks."""


class VideoWriter:
    """Writes frames into an open container of PyAV."""

    def __init__(self, container: Any, rate: float) -> None:
        """Write so many frames per second in the mean."""
        self._container, self._rate = container, rate
        self._stream: Any = None
        self._ticks = -1

    def write(self, pixels: np.ndarray, time: float, duration: float) -> None:
        """Write a frame.

        H.264 needs even sides: an odd one is made longer by a pixel that repeats the last.

        Args:
            pixels: uint8 [H, W, 3] RGB, of the same size as all others.
            time: In seconds, after that of the frame before.
            duration: Not used: a frame is shown until the next one.
        """
        av = load_pyav()
        height, width = pixels.shape[:2]
        if height % 2 or width % 2:
            pixels = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), "edge")
        if self._stream is None:
            self._stream = self._add_stream(*pixels.shape[:2])
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range=1)
        self._ticks = max(round(time * TICKS), self._ticks + 1)
        frame.pts, frame.time_base = self._ticks, Fraction(1, TICKS)
        self._encode(frame)

    def finish(self) -> None:
        """Write what the encoder still holds."""
        if self._stream is not None:
            self._encode(None)

    def _encode(self, frame: Any) -> None:
        """Encode a frame, or None behind the last, and write what is ready.

        Raises:
            UserError: The encoder cannot take frames of this size.
        """
        try:
            packets = self._stream.encode(frame)
        except load_pyav().FFmpegError as error:
            width, height = self._stream.width, self._stream.height
            raise UserError(
                f"a video of {width} x {height} pixels cannot be written ({error.strerror}); "
                "--format=png8 writes the maps as pictures"
            ) from error
        self._container.mux(packets)

    def _add_stream(self, height: int, width: int) -> Any:
        """Return a stream of the first encoder that there is."""
        name = find_encoder()
        rate = max(Fraction(self._rate).limit_denominator(1001), Fraction(1, 1001))
        stream = self._container.add_stream(name, rate=rate, options=dict(ENCODERS[name]))
        stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
        stream.codec_context.time_base = Fraction(1, TICKS)
        # BT.709, which players take for granted where a file does not say it.
        for field in ("colorspace", "color_primaries", "color_trc", "color_range"):
            setattr(stream.codec_context, field, 1)
        return stream


def find_encoder() -> str:
    """Return the name of the first encoder of ENCODERS that this PyAV has.

    Raises:
        UserError: It has none, or PyAV is not installed.
    """
    av = load_pyav()
    for name in ENCODERS:
        try:
            av.Codec(name, "w")
        except (av.FFmpegError, ValueError):
            continue
        return name
    raise UserError(f"this PyAV has no encoder of {', '.join(ENCODERS)}; pip install av brings one")


@contextmanager
def video_writer(path: Path, rate: float) -> Iterator[VideoWriter]:
    """Give a writer of an MP4, which appears under its name when the block has ended well."""
    av = load_pyav()
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"movflags": "+faststart"}
    with (
        atomic(path) as partial,
        av.open(f"file:{partial}", "w", format="mp4", options=options) as container,
    ):
        container.metadata["comment"] = MARK.decode()
        writer = VideoWriter(container, rate)
        yield writer
        writer.finish()
