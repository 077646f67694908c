"""Examples of a source with their images decoded: no larger than needed, and once if memory holds
them."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from samjax.data.canvas import Size
from samjax.data.example import Example
from samjax.data.images import decode_stimulus, jpeg_size
from samjax.data.sources import Source


@dataclass(frozen=True)
class Decoded:
    """An example whose image is decoded; `index` is its position in the concatenated source."""

    index: int
    example: Example | None
    image: np.ndarray | None


@dataclass(frozen=True)
class Reduction:
    """How far a JPEG may be reduced while it is decoded, because the frame shows less of it.

    A JPEG decodes to a half, quarter or eighth of its size for less than the whole. Seen in the
    frame it differs by .4 of 255 grey levels on average and 2 or 3 in one pixel of a hundred
    (PSNR 50 dB; photographs of 640 x 480 in frames of 240 x 320 to 60 x 80).

    frame: the network's input size; fills: the image covers the frame, rather than fitting in it;
    zoom: the largest magnification beyond that.
    """

    canvas: Size
    fills: bool = False
    zoom: float = 1.0

    def of(self, size: Size | None) -> int:
        """The divisor for an image of this size, None for what is no JPEG; 1 where its halves are
        no whole pixels."""
        if size is None:
            return 1
        scales = [canvas / image for canvas, image in zip(self.canvas, size, strict=True)]
        scale = (max if self.fills else min)(scales) * self.zoom
        fitting = (n for n in (8, 4, 2) if n * scale <= 1 and not (size[0] % n or size[1] % n))
        return next(fitting, 1)


@dataclass
class DecodedSource:
    """Random access to decoded examples of a source; beyond their end an empty one (index -1).

    indices: of the examples in the source; offset: added to them in `Decoded.index`.
    cache_mib: MiB of decoded images that stay in memory, in each process that reads.
    length: with what lies beyond the end; None: nothing does.
    """

    source: Source
    indices: Sequence[int]
    offset: int = 0
    reduction: Reduction | None = None
    cache_mib: float = 0.0
    length: int | None = None
    _kept: dict[int, Decoded] = field(default_factory=dict, repr=False)
    _bytes: int = 0

    def __post_init__(self):
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.indices) if self.length is None else self.length

    def __getitem__(self, i: int) -> Decoded:
        if i >= len(self.indices):
            return Decoded(-1, None, None)
        i = self.indices[int(i)]
        if i in self._kept:
            return self._kept[i]
        decoded = self._decoded(i)
        self._keep(i, decoded)
        return decoded

    def _decoded(self, i: int) -> Decoded:
        example = self.source[i]
        divisor = self.reduction.of(jpeg_size(example.image)) if self.reduction else 1
        image = decode_stimulus(example.image, divisor)
        return Decoded(self.offset + i, replace(example, image=b""), image)

    def _keep(self, i: int, decoded: Decoded) -> None:
        if not self.cache_mib:
            return
        with self._lock:
            size = decoded.image.nbytes + len(decoded.example.density)
            if self._bytes + size <= self.cache_mib * 2**20 and i not in self._kept:
                self._kept[i] = decoded
                self._bytes += size

    def __getstate__(self) -> dict:
        """Another process keeps its own."""
        return {k: v for k, v in self.__dict__.items() if k != "_lock"} | {"_kept": {}, "_bytes": 0}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()
