"""What a run leaves to read: `metrics.jsonl` and, with the same numbers, TensorBoard events."""

import json
from pathlib import Path

import numpy as np

from samjax.files.atomic import write_atomic


class Writer:
    """Writes the scalars and pictures of one work folder."""

    def __init__(self, workdir: Path, from_step: int = 0, validated: bool = True) -> None:
        """Open the files of a work folder.

        Lines of an earlier run behind `from_step` are dropped, because training goes on from there
        and writes them again; the file then reads as if the run had never stopped. So are lines of
        the validation at `from_step`, unless it was `validated` to the end.
        """
        self._path = workdir / "metrics.jsonl"
        self._keep_until(from_step, validated)
        self._file = self._path.open("a")
        # Imported only where a run is written: tensorboardX imports PyTorch if that is installed.
        from tensorboardX import SummaryWriter

        self._board = SummaryWriter(str(workdir / "tensorboard"), purge_step=from_step or None)

    def _keep_until(self, step: int, validated: bool) -> None:
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        kept = [line for line in lines if _step_of(line) <= step] if step else []
        if not validated:
            kept = [line for line in kept if _step_of(line) < step or _is_of_training(line)]
        write_atomic(self._path, "".join(f"{line}\n" for line in kept))

    def scalars(self, step: int, kind: str, values: dict[str, float]) -> None:
        """Write numbers by name; kind is "train" or the name of the dataset that was evaluated."""
        self._file.write(json.dumps({"step": step, "kind": kind, **values}) + "\n")
        self._file.flush()
        for name, value in values.items():
            self._board.add_scalar(f"{kind}/{name}", value, step)

    def pictures(self, step: int, pictures: dict[str, np.ndarray]) -> None:
        """Write pictures by name, RGB uint8 [H, W, 3], to TensorBoard."""
        for name, picture in pictures.items():
            self._board.add_image(name, picture, step, dataformats="HWC")
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

    def close(self) -> None:
        """Do nothing."""


def _step_of(line: str) -> float:
    try:
        return json.loads(line)["step"]
    except (ValueError, KeyError):  # the last line of a run that was killed while writing it
        return float("inf")


def _is_of_training(line: str) -> bool:
    return json.loads(line).get("kind") == "train"
