"""The course of areas over a clip: as rows of a tidy CSV, and summed up as a table."""

import csv
import math
from pathlib import Path
from typing import IO, Any

from samjax.analysis.area_report import percent
from samjax.console.table import format_table
from samjax.video.measure import MeasuredFrame, MeasuredVideo

NUMBERS = ("share", "area_share", "times_chance", "peak", "peak_x", "peak_y", "rank")
COLUMNS = ("video", "frame", "time_s", "area", "x", "y", "width", "height", *NUMBERS)
"""Of the CSV: a row for each area in each frame."""


class CourseFile:
    """Writes the CSV row by row, since a film has millions of them."""

    def __init__(self, file: IO[str]) -> None:
        """Write the names of the columns into an open file."""
        self._writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        self._writer.writeheader()

    def write(self, measured: MeasuredVideo, found: MeasuredFrame) -> None:
        """Write a row for each area in a frame; what there is not is empty."""
        about = {
            "video": str(measured.clip.path),
            "frame": found.frame.number,
            "time_s": f"{found.frame.time:.6f}",
        }
        for (_, coverage), attention in zip(measured.areas, found.attention, strict=True):
            values = attention._asdict()
            numbers = {name: _cell(values[name]) for name in NUMBERS}
            height, width = coverage.weights.shape
            place = {"x": coverage.left, "y": coverage.top, "width": width, "height": height}
            self._writer.writerow({**about, "area": attention.name, **place, **numbers})


def _cell(value: Any) -> Any:
    return "" if isinstance(value, float) and math.isnan(value) else value


class Course:
    """The shares of areas over a clip, summed up while its frames come."""

    def __init__(self, path: Path, names: list[str]) -> None:
        """Begin with no frame of a clip whose areas have these names."""
        self._path, self._names = path, names
        self.frames, self._seconds = 0, 0.0
        self._sums = [0.0] * len(names)
        self._least = [(math.inf, 0.0)] * len(names)
        self._most = [(-math.inf, 0.0)] * len(names)

    def add(self, found: MeasuredFrame) -> None:
        """Add a frame, which counts by how long it is shown."""
        self.frames += 1
        frame = found.frame
        self._seconds += frame.duration
        for k, attention in enumerate(found.attention):
            self._sums[k] += attention.share * frame.duration
            self._least[k] = min(self._least[k], (attention.share, frame.time))
            if attention.share > self._most[k][0]:  # of equal ones the first
                self._most[k] = (attention.share, frame.time)

    def means(self) -> list[float]:
        """Return the mean share of each area over time."""
        return [total / self._seconds for total in self._sums]

    def table(self) -> str:
        """Return the table for people, in the order of the areas."""
        rows = [["#", "area", "mean share", "least", "at", "most", "at"]]
        for k, (name, mean) in enumerate(zip(self._names, self.means(), strict=True)):
            (least, then), (most, when) = self._least[k], self._most[k]
            cells = [percent(mean), percent(least), f"{then:.2f} s", percent(most), f"{when:.2f} s"]
            rows.append([str(k + 1), name, *cells])
        head = f"{self._path} ({self.frames} frames, {self._seconds:.2f} s)"
        return f"{head}\n{format_table(rows)}"
