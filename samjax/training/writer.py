"""What a run leaves to read: `metrics.jsonl` and, with the same numbers, TensorBoard events."""

import json
import os
from pathlib import Path

import numpy as np

from samjax.console.log import log
from samjax.files.atomic import write_atomic
from samjax.training.event_files import EventFile, cut_events
from samjax.training.metrics_file import METRICS, TRAIN, name_odd, read_lines

ODD = "metrics.odd"
"""Where lines of `metrics.jsonl` that cannot be read are kept."""


class Writer:
    """Writes the scalars and pictures of one work folder."""

    def __init__(self, workdir: Path, from_step: int = 0, validated: bool = True) -> None:
        """Open the files of a work folder.

        What an earlier run has written behind `from_step` is dropped, because training goes on from
        there and writes it again; the files then read as if the run had never stopped. So is what
        belongs to the validation at `from_step`, unless it was `validated` to the end.
        """
        self._path, board = workdir / METRICS, workdir / "tensorboard"
        self._keep_until(from_step, validated)
        cut_events(board, from_step, validated)
        self._file = self._path.open("a", encoding="utf-8", newline="\n")
        self._board = EventFile(board, from_step)

    def _keep_until(self, step: int, validated: bool) -> None:
        lines, odd = read_lines(self._path)
        if odd:
            with self._path.with_name(ODD).open("ab") as file:
                file.writelines(line.text + b"\n" for line in odd)
            log(f"{name_odd(self._path, odd)}; kept in {ODD}")
        before = [line for line in lines if step and line.step <= step]
        if not validated:
            before = [line for line in before if line.step < step or line.kind == TRAIN]
        write_atomic(self._path, b"".join(line.text + b"\n" for line in before))

    def scalars(self, step: int, kind: str, values: dict[str, float]) -> None:
        """Write numbers by name; kind is "train" or the name of the dataset that was evaluated."""
        self._file.write(json.dumps({"step": step, "kind": kind, **values}) + "\n")
        self._file.flush()
        for name, value in values.items():
            self._board.scalar(step, f"{kind}/{name}", value)

    def pictures(self, step: int, pictures: dict[str, np.ndarray]) -> None:
        """Write pictures by name, RGB uint8 [H, W, 3], to TensorBoard."""
        for name, picture in pictures.items():
            self._board.picture(step, name, picture)
        self._board.flush()

    def flush(self) -> None:
        """Return when all is on disk.

        Before a checkpoint is saved, so that nothing up to it can be lost.
        """
        self._file.flush()
        os.fsync(self._file.fileno())
        self._board.flush()

    def close(self) -> None:
        """Flush and close the files."""
        self._file.close()
        self._board.close()


class NoWriter:
    """Writes nothing: the writer of all processes but the main one."""

    def scalars(self, step: int, kind: str, values: dict[str, float]) -> None:
        """Do nothing."""

    def pictures(self, step: int, pictures: dict[str, np.ndarray]) -> None:
        """Do nothing."""

    def flush(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""
