"""The maps of a clip as files: one for each frame at which the network has looked."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from samjax.files.atomic import write_atomic
from samjax.prediction.outputs import file_ending, write_outputs
from samjax.video.mapped import MappedFrame

TIMES = "times.csv"
COLUMNS = ("frame", "time_s")


class MapFiles:
    """Writes frame_000001.npy and so on into a folder, and times.csv when all are written.

    To be used in a `with` block. Each map appears at once or not at all, so those that were written
    stay where the block is interrupted; times.csv then still is that of an earlier run, if any.
    """

    def __init__(self, folder: Path, formats: Sequence[str]) -> None:
        """Write maps in these formats, which are "npy", "png16" and "png8"."""
        self._folder = folder
        self._endings = {kind: file_ending(kind, formats) for kind in formats}
        self._rows: list[tuple[int, str]] = []

    def __enter__(self) -> "MapFiles":
        """Make the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def write(self, mapped: MappedFrame) -> None:
        """Write the map of a frame."""
        number, time = mapped.frame.number, mapped.frame.time
        stem = self._folder / f"frame_{number:06d}"
        files = {kind: Path(f"{stem}{ending}") for kind, ending in self._endings.items()}
        write_outputs(files, mapped.saliency, None)
        self._rows.append((number, f"{time:.6f}"))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Write the times, unless the block failed."""
        if kind is None:
            lines = [",".join(COLUMNS), *(f"{number},{time}" for number, time in self._rows)]
            write_atomic(self._folder / TIMES, "\n".join(lines) + "\n")
