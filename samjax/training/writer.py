"""What a run leaves to read: `metrics.jsonl` and TensorBoard events, side by side."""

import json
from pathlib import Path

import numpy as np

from samjax.files.atomic import write_atomic


class Writer:
    """Scalars and pictures of one work folder.

    from_step: lines of a former run from this step on are dropped, because training goes on from
      there and writes them again; the file then reads as if it had never stopped.
    """

    def __init__(self, workdir: Path, from_step: int = 0):
        self._path = workdir / "metrics.jsonl"
        self._keep_until(from_step)
        self._file = self._path.open("a")
        # Only where a run is written: it imports PyTorch if that is installed.
        from tensorboardX import SummaryWriter

        self._board = SummaryWriter(str(workdir / "tensorboard"), purge_step=from_step or None)

    def _keep_until(self, step: int) -> None:
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        kept = [line for line in lines if _step_of(line) <= step] if step else []
        write_atomic(self._path, "".join(f"{line}\n" for line in kept))

    def scalars(self, step: int, kind: str, values: dict[str, float]) -> None:
        """kind: "train" or the name of the split that was evaluated."""
        self._file.write(json.dumps({"step": step, "kind": kind, **values}) + "\n")
        self._file.flush()
        for name, value in values.items():
            self._board.add_scalar(f"{kind}/{name}", value, step)

    def pictures(self, step: int, pictures: dict[str, np.ndarray]) -> None:
        """RGB uint8 [H, W, 3] by name."""
        for name, picture in pictures.items():
            self._board.add_image(name, picture, step, dataformats="HWC")
        self._board.flush()

    def close(self) -> None:
        self._file.close()
        self._board.close()


class NoWriter:
    """Of the processes other than the first."""

    def scalars(self, step, kind, values):
        pass

    def pictures(self, step, pictures):
        pass

    def close(self):
        pass


def _step_of(line: str) -> float:
    try:
        return json.loads(line)["step"]
    except (ValueError, KeyError):  # the last line of a run that was killed while writing it
        return float("inf")
