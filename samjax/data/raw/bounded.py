"""Compressed data, unpacked no further than a limit: small files can hold very much of nothing."""

import io
from typing import BinaryIO

from samjax.errors import UserError

FREE = 2**26
"""So much may come out of a compressed file of any size."""
MAX_EXPANSION = 200
"""Beyond `FREE`, at most this many bytes come out of each byte that is stored."""
BLOCK = 2**20


def expansion_limit(stored: int) -> int:
    """Return how many bytes may come out of a compressed file of `stored` bytes."""
    return max(FREE, MAX_EXPANSION * stored)


def read_bounded(file: BinaryIO, limit: int, name: str) -> bytes:
    """Return all that a stream gives.

    Args:
        file: The stream.
        limit: How many bytes it may give.
        name: What the stream is called in messages.

    Raises:
        UserError: It gives more.
    """
    blocks, total = [], 0
    # Block by block, because a header may promise more than there is.
    while block := file.read(BLOCK):
        total += len(block)
        if total > limit:
            raise too_large(name, limit)
        blocks.append(block)
    return b"".join(blocks)


def too_large(name: str, limit: int) -> UserError:
    """Return the failure of a file that holds more than `limit` bytes."""
    return UserError(
        f"{name} holds more than {limit / 2**20:,.0f} MiB, which no file of a dataset of its size "
        "does; is it damaged? get it again"
    )


class BoundedStream(io.RawIOBase):
    """A decompressing stream that is read and sought no further than a limit."""

    def __init__(self, file: BinaryIO, limit: int, name: str) -> None:
        """Read from `file`, which is called `name` in messages."""
        self._file, self._limit, self._name = file, limit, name

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def seekable(self) -> bool:
        """Return whether the stream below can be sought."""
        return self._file.seekable()

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Fill the buffer as far as there are bytes; return how many there were."""
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._check(self._file.tell())
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, which must be within the limit."""
        if whence == io.SEEK_CUR:
            offset, whence = offset + self._file.tell(), io.SEEK_SET
        if whence == io.SEEK_SET:
            self._check(offset)
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place in the unpacked data."""
        return self._file.tell()

    def close(self) -> None:
        """Close the stream below, too."""
        self._file.close()
        super().close()

    def _check(self, place: int) -> None:
        if place > self._limit:
            raise too_large(self._name, self._limit)
