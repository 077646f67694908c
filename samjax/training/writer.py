"""What a run leaves to read: `metrics.jsonl` and, with the same numbers, TensorBoard events.

Trackers get the same, see `samjax.training.tracking`.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from samjax.console.log import log
from samjax.files.atomic import write_atomic
from samjax.training.event_files import EventFile, cut_events
from samjax.training.metrics_file import METRICS, TRAIN, name_odd, read_lines
from samjax.training.tracker import About
from samjax.training.tracking import open_trackers

ODD = "metrics.odd"
"""Where lines of `metrics.jsonl` that cannot be read are kept."""


class Writer:
    """Writes the scalars and pictures of one work folder."""

    def __init__(
        self,
        workdir: Path,
        from_step: int = 0,
        validated: bool = True,
        *,
        about: About | None = None,
        track: Sequence[str] = (),
    ) -> None:
        """Open the files of a work folder, and its runs at trackers.

        What an earlier run has written behind `from_step` is dropped, because training goes on from
        there and writes it again; the files then read as if the run had never stopped. So is what
        belongs to the validation at `from_step`, unless it was `validated` to the end.

        Args:
            workdir: The work folder.
            from_step: The step that training goes on from.
            validated: Whether its validation was done.
            about: What TensorBoard and trackers are told at the start.
            track: Names of trackers; with any, `about` must be given.
        """
        self._path, board = workdir / METRICS, workdir / "tensorboard"
        self._keep_until(from_step, validated)
        cut_events(board, from_step, validated)
        self._file = self._path.open("a", encoding="utf-8", newline="\n")
        self._board = EventFile(board, from_step)
        self._last_step = from_step
        if about is not None:
            for name, facts in (("config", about.config), ("environment", about.environment)):
                lines = json.dumps(facts, indent=2).splitlines()
                text = "".join(f"    {line}\n" for line in lines)  # Markdown's mark of code
                self._board.text(from_step, f"run/{name}", text)
        self._trackers = open_trackers(track, workdir, about) if about and track else []

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
        for tracker in self._trackers:
            tracker.scalars(step, kind, values)
        self._last_step = step

    def pictures(self, step: int, pictures: dict[str, np.ndarray]) -> None:
        """Write pictures by name, RGB uint8 [H, W, 3], to TensorBoard and the trackers."""
        for name, picture in pictures.items():
            self._board.picture(step, name, picture)
        self._board.flush()
        for tracker in self._trackers:
            tracker.pictures(step, pictures)

    def final(self, scores: dict[str, float]) -> None:
        """Write the last scores of a run that is complete, to TensorBoard and the trackers.

        `metrics.jsonl` has them as its last validation.
        """
        for name, value in scores.items():
            self._board.scalar(self._last_step, f"final/{name}", value)
        for tracker in self._trackers:
            tracker.final(scores)

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
        for tracker in self._trackers:
            tracker.close()


class NoWriter:
    """Writes nothing: the writer of all processes but the main one."""

    def scalars(self, step: int, kind: str, values: dict[str, float]) -> None:
        """Do nothing."""

    def pictures(self, step: int, pictures: dict[str, np.ndarray]) -> None:
        """Do nothing."""

    def final(self, scores: dict[str, float]) -> None:
        """Do nothing."""

    def flush(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""
