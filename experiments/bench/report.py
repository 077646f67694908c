"""The files of the results: one per subject, and a table and a plot of all that are in a folder."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from experiments.bench import contenders, plot, table
from experiments.bench.cells import Cells
from experiments.bench.identity import code_of, describe_machine
from experiments.bench.plan import Plan
from samjax.files.atomic import write_atomic
from samjax.files.json_file import finite, read_json, write_json

SUBJECTS = (
    "network",
    "convolutions",
    "timesteps",
    "memory",
    "roofline",
    "step_parts",
    "pipeline",
    "metrics",
    "parity",
    "variants",
    "training",
)
COMPARING = ("network", "memory")
"""The subjects whose tables say which contender is not installed."""


class ResultFile:
    """The file of a subject's results, written anew with each of its cells.

    Attributes:
        path: Where it is.
        about: The machine, the plan and the code that the results are of, in types that JSON has.
        results: The cells by name.
    """

    def __init__(self, path: Path, subject: str, plan: Plan) -> None:
        """Begin without results.

        Args:
            path: The file.
            subject: What is measured.
            plan: How much is measured.
        """
        self.path = path
        about: dict[str, Any] = {"machine": describe_machine(), "plan": plan.facts}
        about["code"] = code_of(subject)
        if subject in COMPARING:
            about["absent"] = contenders.absent()
        self.about: dict[str, Any] = _as_read(about)
        self.results: dict[str, Any] = {}

    def put(self, name: str, cell: Any) -> None:
        """Add a cell, in place of what had the name, and write the file."""
        self.results[name] = cell
        write_json(self.path, self.about | {"results": self.results})

    def write(self, measured: dict[str, Any] | Cells) -> None:
        """Add all that a subject measures, each cell as soon as it is there."""
        for name, cell in measured.items() if isinstance(measured, dict) else measured:
            self.put(name, cell)


def _as_read(value: Any) -> Any:
    """Return a value as JSON gives it back, lists in place of tuples."""
    if isinstance(value, dict):
        return {key: _as_read(item) for key, item in value.items()}
    return [_as_read(item) for item in value] if isinstance(value, list | tuple) else finite(value)


def write_results(path: Path, measured: dict[str, Any] | Cells, plan: Plan) -> None:
    """Write what a subject measures, anew with each of its cells as soon as that is there.

    Args:
        path: The subject's file, which bears its name.
        measured: What its `measure(plan)` gave.
        plan: How much is measured.
    """
    ResultFile(path, path.stem, plan).write(measured)


def write_overview(
    output: Path,
    name: str = "benchmark",
    subjects: Sequence[str] = SUBJECTS,
    notes: str = "",
    has_plot: bool = True,
) -> str:
    """Write the table `NAME.md` and the plot of all results in a folder; return the table.

    Args:
        output: The folder.
        name: Of the files.
        subjects: In the order of the table.
        notes: What stands below the table.
        has_plot: Whether to draw the plot as well.
    """
    results = {name: read_json(path) for name, path in result_files(output, subjects)}
    text = "\n".join(filter(None, [table.markdown(results), notes]))
    write_atomic(output / f"{name}.md", text)
    if has_plot:
        plot.draw(results, output / f"{name}.png")
    return text


def result_files(output: Path, subjects: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Yield each subject with its file, where the folder has one."""
    for name in subjects:
        path = output / f"{name}.json"
        if path.is_file():
            yield name, path
