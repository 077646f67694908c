"""What was met in the raw files of a dataset while it was written, and `report.json`.

Each shard has a report of its own, so that an interrupted run can go on without reading anew. The
sum of them becomes `report.json` in the dataset's folder, whose keys are

    faults     number of images and rows that were left out, by kind
    oddities   number of other things worth knowing, by kind
    resized    number of images whose pixels are not as many as their height and width say
    splits     {split: images, fixations, subjects, published}; `published` is what the dataset
               has by publication, null where nothing is established
    rows       the problems behind `faults` and `oddities`: kind, where, what

and, of a table, `fixations_dropped_with_their_image`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from samjax.data.dataset import Dataset
from samjax.data.raw.dataset_spec import Count
from samjax.data.raw.problems import Problem, Problems
from samjax.files.json_file import read_json, write_json

REPORT = "report.json"


@dataclass
class ShardReport:
    """Counts over images, and the problems that they have.

    Attributes:
        images: Number of images that were written.
        fixations: Number of fixations on them.
        subjects: The subjects that made these, without -1 (unknown).
        resized: Number of images whose pixels are not as many as their height and width say.
        errors: Why images were left out.
        warnings: What was left out of an image that is used, or is worth knowing.
    """

    images: int = 0
    fixations: int = 0
    subjects: set[int] = field(default_factory=set)
    resized: int = 0
    errors: Problems = field(default_factory=Problems)
    warnings: Problems = field(default_factory=Problems)

    def include(self, other: ShardReport) -> None:
        """Add the counts and the problems of another report."""
        self.images += other.images
        self.fixations += other.fixations
        self.subjects |= other.subjects
        self.resized += other.resized
        self.errors.include(other.errors)
        self.warnings.include(other.warnings)

    def as_json(self) -> dict:
        """Return the report in types that JSON has."""
        fields = dict(vars(self))
        fields["subjects"] = sorted(self.subjects)
        fields["errors"] = _problems_as_json(self.errors)
        fields["warnings"] = _problems_as_json(self.warnings)
        return fields

    @classmethod
    def from_json(cls, fields: dict) -> ShardReport:
        """Return the report that `as_json` returned these fields of."""
        fields = dict(fields)
        fields["subjects"] = set(fields["subjects"])
        fields["errors"] = _problems_from_json(fields["errors"])
        fields["warnings"] = _problems_from_json(fields["warnings"])
        return cls(**fields)


def dataset_report(
    shards: Iterable[tuple[str, ShardReport]],
    source: ShardReport,
    published: Mapping[str, Count],
) -> dict:
    """Return the contents of `report.json`.

    Args:
        shards: The split and the report of each shard.
        source: The problems that were met before any image was loaded.
        published: What each split holds by publication.
    """
    total = ShardReport()
    splits: dict[str, ShardReport] = {}
    total.include(source)
    for split, report in shards:
        total.include(report)
        splits.setdefault(split, ShardReport()).include(report)
    return {
        "faults": dict(total.errors.counts),
        "oddities": dict(total.warnings.counts),
        "resized": total.resized,
        "splits": {
            split: {
                "images": report.images,
                "fixations": report.fixations,
                "subjects": len(report.subjects),
                "published": published[split]._asdict() if split in published else None,
            }
            for split, report in splits.items()
        },
        "rows": [asdict(problem) for problem in (*total.errors.kept, *total.warnings.kept)],
    }


def write_report(directory: Path, report: dict) -> None:
    """Write `report.json` into a dataset's folder."""
    write_json(directory / REPORT, report)


def read_report(dataset: Dataset) -> dict:
    """Return the contents of a dataset's `report.json`; {} if something else wrote the dataset."""
    path = dataset.directory / REPORT
    return read_json(path) if path.is_file() else {}


def _problems_as_json(problems: Problems) -> dict:
    return {"counts": dict(problems.counts), "kept": [asdict(p) for p in problems.kept]}


def _problems_from_json(fields: dict) -> Problems:
    problems = Problems(kept=[Problem(**problem) for problem in fields["kept"]])
    problems.counts.update(fields["counts"])
    return problems
