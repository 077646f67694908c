"""TensorBoard's event files: events are on disk when `flush` returns, and are cut on resuming.

An event file is a TFRecord file of `Event`s. They are written here and not by tensorboardX's
SummaryWriter, whose `flush` does not wait for the events in its queue.
"""

import os
import platform
import struct
import time
from pathlib import Path

import numpy as np

from samjax.data.prepare.tfrecord import FOOTER, HEADER, masked_checksum
from samjax.training.metrics_file import TRAIN

VERSION = "brain.Event:2"


class EventFile:
    """A new event file of a folder."""

    def __init__(self, folder: Path, from_step: int = 0) -> None:
        """Open a file, with another name than all others of the folder.

        Args:
            folder: Made if it is not there.
            from_step: The step that a resumed run goes on from. A TensorBoard that is open forgets
                what it has read of later steps.
        """
        # Imported only where a run is written: tensorboardX imports PyTorch if that is installed.
        from tensorboardX import summary
        from tensorboardX.proto import event_pb2

        self._summary, self._proto = summary, event_pb2
        folder.mkdir(parents=True, exist_ok=True)
        # TensorBoard reads the files of a folder in the order of their names.
        name = f"events.out.tfevents.{time.time_ns():020d}.{platform.node()}.{os.getpid()}"
        self._file = (folder / name).open("xb")
        self._write(file_version=VERSION)
        if from_step:
            start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
            self._write(step=from_step + 1, session_log=start)

    def scalar(self, step: int, name: str, value: float) -> None:
        """Write a number."""
        self._write(step=step, summary=self._summary.scalar(name, value))

    def picture(self, step: int, name: str, picture: np.ndarray) -> None:
        """Write a picture, RGB uint8 [H, W, 3]."""
        self._write(step=step, summary=self._summary.image(name, picture, dataformats="HWC"))

    def text(self, step: int, name: str, text: str) -> None:
        """Write a text, which TensorBoard shows as Markdown."""
        self._write(step=step, summary=self._summary.text(name, text))

    def flush(self) -> None:
        """Return when all is on disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Flush and close the file."""
        self._file.close()

    def _write(self, **fields: object) -> None:
        event = self._proto.Event(wall_time=time.time(), **fields)
        data = event.SerializeToString()
        size = struct.pack("<Q", len(data))
        self._file.write(HEADER.pack(len(data), masked_checksum(size)) + data)
        self._file.write(FOOTER.pack(masked_checksum(data)))


def cut_events(folder: Path, step: int, validated: bool = True) -> None:
    """Remove the events behind a step from the files of a folder.

    A file is cut at its first event to go, since what follows comes later in the run. What cannot
    be read is left alone.

    Args:
        folder: Of the event files.
        step: The last one that is kept.
        validated: Whether the validation at this step is kept.
    """
    for path in sorted(folder.glob("events.out.tfevents.*")):
        end, holds_any = _end_of(path, step, validated)
        if not holds_any:
            path.unlink()
        elif end < path.stat().st_size:
            os.truncate(path, end)


def _end_of(path: Path, step: int, validated: bool) -> tuple[int, bool]:
    """Return where to cut a file, and whether anything beside its header is left before that."""
    from tensorboardX.proto import event_pb2

    holds_any = False
    with path.open("rb") as file:
        while True:
            start = file.tell()
            header = file.read(HEADER.size)
            if len(header) < HEADER.size:
                return start, holds_any  # the end, or an event that was cut off
            length, checksum = HEADER.unpack(header)
            rest = path.stat().st_size - file.tell()
            if masked_checksum(header[:8]) != checksum or length + FOOTER.size > rest:
                return path.stat().st_size, True
            data = file.read(length)
            if FOOTER.unpack(file.read(FOOTER.size)) != (masked_checksum(data),):
                return path.stat().st_size, True
            event = event_pb2.Event.FromString(data)
            if event.HasField("summary"):
                of_training = event.summary.value[0].tag.startswith(f"{TRAIN}/")
                if event.step > step or (event.step == step and not (validated or of_training)):
                    return start, holds_any
                holds_any = True
