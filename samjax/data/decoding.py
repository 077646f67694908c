"""Examples of a source with their images decoded.

An image is decoded no larger than needed, and only once if memory holds it.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from samjax.data.canvas import Size
from samjax.data.example import Example, Examples
from samjax.data.image_headers import jpeg_size
from samjax.data.images import decode_stimulus
from samjax.data.stored_features import StoredFeatures, StoredView
from samjax.errors import UserError


@dataclass(frozen=True)
class Decoded:
    """An example with its image decoded.

    Attributes:
        index: The example's position in all sources put one after the other; -1 for an empty one.
        example: The example, its encoded image left out to save memory; None for an empty one.
        image: uint8 [H, W, 3] RGB; None for an empty one, and where its features are stored.
        stored: Gives a view's stored features by its number; None where none are stored. Those of
            an empty one have the right shape, and no meaning.
    """

    index: int
    example: Example | None
    image: np.ndarray | None
    stored: Callable[[int], StoredView] | None = None


@dataclass(frozen=True)
class Reduction:
    """How far a JPEG may be reduced while it is decoded, because the canvas shows less of it.

    A JPEG decodes to a half, a quarter or an eighth of its size for less than the cost of the
    whole. Seen on the canvas the result differs by .4 of 255 grey levels on average, and by 2 or 3
    in one pixel of a hundred (PSNR 50 dB; photographs of 640 x 480 on canvases of 240 x 320 to
    60 x 80).

    Attributes:
        canvas: Size of the network's input.
        fills: Whether the image covers the canvas, rather than fitting in it.
        zoom: The largest magnification beyond that.
    """

    canvas: Size
    fills: bool = False
    zoom: float = 1.0

    def of(self, size: Size | None) -> int:
        """Return the divisor of the size for an image: 8, 4, 2 or 1.

        Args:
            size: The JPEG's size, or None for an image that is no JPEG and stays whole. Sizes that
                the divisor does not divide are not reduced: points would move with the rounding.
        """
        if size is None:
            return 1
        scales = [canvas / image for canvas, image in zip(self.canvas, size, strict=True)]
        scale = (max(scales) if self.fills else min(scales)) * self.zoom
        for divisor in (8, 4, 2):
            divides = size[0] % divisor == 0 and size[1] % divisor == 0
            if divides and divisor * scale <= 1:
                return divisor
        return 1


@dataclass
class DecodedSource:
    """Random access to decoded examples of a source; beyond their end there are empty ones.

    Attributes:
        source: The examples.
        indices: Which of them to give.
        offset: Added to an index in the source to make `Decoded.index`.
        reduction: How far JPEGs may be reduced; None for not at all.
        cache_mib: MiB of decoded images to keep in memory, in each process that reads.
        length: The number of examples with the empty ones at the end; None if there are none.
        stored: The features of the examples at `indices`, in place of their images, which are not
            decoded then; None where none are stored.
    """

    source: Examples
    indices: Sequence[int]
    offset: int = 0
    reduction: Reduction | None = None
    cache_mib: float = 0.0
    length: int | None = None
    stored: StoredFeatures | None = None
    _cache: dict[int, Decoded] = field(default_factory=dict, repr=False)
    _cache_bytes: int = 0

    def __post_init__(self) -> None:
        """Make the lock that the threads of a process share."""
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return the number of examples, with the empty ones."""
        return len(self.indices) if self.length is None else self.length

    def __getitem__(self, position: int) -> Decoded:
        """Return the example at a position, from memory if it is there."""
        if position >= len(self.indices):
            return Decoded(-1, None, None, self._views(0))
        index = self.indices[int(position)]
        # Reading a dictionary needs no lock.
        cached = self._cache.get(index)
        if cached is not None:
            return cached
        example = self.source[index]
        image = None if self.stored else self._decode(example)
        example = replace(example, image=b"")  # the encoded bytes are not needed any more
        decoded = Decoded(self.offset + index, example, image, self._views(int(position)))
        if self.cache_mib:
            size = len(example.density) if image is None else image.nbytes + len(example.density)
            self._keep(index, decoded, size)
        return decoded

    def _decode(self, example: Example) -> np.ndarray:
        """Return the image of an example, reduced as far as it may be.

        Raises:
            UserError: It cannot be read.
        """
        divisor = self.reduction.of(jpeg_size(example.image)) if self.reduction else 1
        try:
            return decode_stimulus(example.image, divisor)
        except UserError as error:
            raise UserError(
                f"image {example.image_id}: {error}; see `samjax prepare --check NAME` for all "
                "faults of its dataset, and prepare it again"
            ) from error

    def _views(self, position: int) -> Callable[[int], StoredView] | None:
        """Return what gives the stored views of the example at a position; None without them."""
        return partial(self.stored.read, position) if self.stored else None

    def _keep(self, index: int, decoded: Decoded, size: int) -> None:
        """Keep an example of `size` bytes, if there is room left for it."""
        with self._lock:
            fits = self._cache_bytes + size <= self.cache_mib * 2**20
            # Another thread may have decoded the same example meanwhile.
            if fits and index not in self._cache:
                self._cache[index] = decoded
                self._cache_bytes += size

    def __getstate__(self) -> dict:
        """Return what another process gets: it fills a cache of its own, behind its own lock."""
        state = {name: value for name, value in self.__dict__.items() if name != "_lock"}
        return state | {"_cache": {}, "_cache_bytes": 0}

    def __setstate__(self, state: dict) -> None:
        """Take what another process gave, with a lock of this process."""
        self.__dict__.update(state)
        self._lock = threading.Lock()
