"""Features of a backbone on disk: a row for each view of each image, in shards.

    FOLDER/00000.1a2b3c4d.npy    the first rows
    FOLDER/00001.5e6f7a8b.npy    the following ones, and so on

    row      of image i, view v: number i * views + v
    window   [7]        float64, what the view shows of the image: the fields of `Window`
    values   [h, w, C]  the features of what it shows, as the bits of `dtype`

Shards are NumPy files of such rows, which are mapped into memory and not read as a whole.
`samjax.training.feature_shards` writes and verifies them.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import NamedTuple

import ml_dtypes
import numpy as np

from samjax.data.window import Window

SHARD_BYTES = 2**26
"""The size of a shard, which is written at once and made again as a whole."""

DTYPES: dict[str, np.dtype] = {
    "float16": np.dtype(np.float16),
    "bfloat16": np.dtype(ml_dtypes.bfloat16),
    "float32": np.dtype(np.float32),
}
"""The types that features are stored in."""

FIELDS = len(astuple(Window(0.0, 0.0, 1.0, 1.0)))


class StoredView(NamedTuple):
    """One view of one image."""

    window: Window
    features: np.ndarray  # [h, w, C]


@dataclass(frozen=True)
class Layout:
    """What a folder of features holds.

    Attributes:
        images: How many images there are.
        views: How many views each of them has.
        shape: Height, width and channels of the features of a view.
        dtype: A key of DTYPES.
    """

    images: int
    views: int
    shape: tuple[int, int, int]
    dtype: str

    @property
    def row_type(self) -> np.dtype:
        """The type of a row. NumPy's files know no bfloat16, so bits are stored."""
        bits = np.dtype(f"u{DTYPES[self.dtype].itemsize}")
        return np.dtype([("window", np.float64, (FIELDS,)), ("values", bits, self.shape)])

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.images * self.views

    @property
    def bytes(self) -> int:
        """The size of all rows."""
        return self.rows * self.row_type.itemsize

    @property
    def rows_per_shard(self) -> int:
        """The number of rows of a shard; the last one may have fewer."""
        return max(1, SHARD_BYTES // self.row_type.itemsize)

    @property
    def shards(self) -> int:
        """The number of shards."""
        return -(-self.rows // self.rows_per_shard)

    def rows_of(self, shard: int) -> range:
        """Return the numbers of the rows of a shard."""
        start = shard * self.rows_per_shard
        return range(start, min(start + self.rows_per_shard, self.rows))


class StoredFeatures:
    """Random access to the features of a folder whose shards are all there.

    It may be pickled: each process maps the files for itself.
    """

    def __init__(self, layout: Layout, shards: Sequence[Path]) -> None:
        """Open no file yet.

        Args:
            layout: What the folder holds.
            shards: The files in the order of the rows.
        """
        self.layout = layout
        self._shards = list(shards)
        self._maps: dict[int, np.ndarray] = {}

    def read(self, image: int, view: int) -> StoredView:
        """Return a view of image number `image`."""
        layout = self.layout
        shard, row = divmod(image * layout.views + view, layout.rows_per_shard)
        mapped = self._maps.get(shard)
        if mapped is None:  # two threads may both map it, which does no harm
            mapped = self._maps[shard] = np.load(self._shards[shard], mmap_mode="r")
        left, top, width, height, flip, angle, aspect = mapped["window"][row].tolist()
        window = Window(left, top, width, height, bool(flip), angle, aspect)
        # A plain array: a memory map would be carried along by whatever is made of it.
        values = np.asarray(mapped["values"][row]).view(DTYPES[layout.dtype])
        return StoredView(window, values)

    def __getstate__(self) -> dict:
        """Return what another process gets: no mapped files, which would be sent as a whole."""
        return self.__dict__ | {"_maps": {}}
