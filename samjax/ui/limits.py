"""What the server accepts of a request, and how it refuses the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NamedTuple

MIB = 2**20


class Refusal(Exception):
    """A request is not served.

    Attributes:
        status: Of HTTP.
        detail: One sentence that says why.
        headers: Further ones of the answer.
    """

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        """Keep what the answer says."""
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers or {}


class Limits(NamedTuple):
    """How much one request may ask for.

    Attributes:
        file_bytes: Of an uploaded file.
        request_bytes: Of a whole request.
        text_bytes: Of a field that is no picture: numbers, names, and areas.
        parts: Fields and files of a request.
        pixels: Of a picture, compared with its header before memory is taken.
        areas: Of a picture.
        area_pixels: All pixels in the rectangles around the areas of a picture.
        corners: Corners of all areas, times the picture's width and height together.
        upload_seconds: How long a request may take to arrive.
    """

    file_bytes: int = 32 * MIB
    request_bytes: int = 65 * MIB
    text_bytes: int = MIB
    parts: int = 20
    pixels: int = 2**25
    areas: int = 256
    area_pixels: int = 2**27
    corners: int = 2**24
    upload_seconds: float = 60.0


class Admission:
    """Counts the requests that are in work, and refuses at once what would be too many.

    A request is counted before its body is read, so that the memory of all of them is bounded.
    """

    def __init__(self, most: int) -> None:
        """Let in so many requests at a time."""
        self.most = most
        self._inside = 0
        self._lock = Lock()

    @property
    def inside(self) -> int:
        """How many requests are in work or wait."""
        return self._inside

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Count a request while it is served.

        Raises:
            Refusal: There are too many already.
        """
        with self._lock:
            if self._inside >= self.most:
                text = f"the queue is full, {self.most} requests are waiting; try again in a second"
                raise Refusal(503, text, {"Retry-After": "1"})
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
