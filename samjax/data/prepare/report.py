"""What was met in the raw files of a dataset while it was written, and `report.json`.

Each shard has a report of its own, so that an interrupted run can go on without reading anew. The
sum of them becomes `report.json` in the dataset's folder, whose keys are

    faults     number of images and rows that were left out, by kind
    oddities   number of other things worth knowing, by kind
    resized    number of images whose pixels are not as many as their height and width say
    splits     {split: images, fixations, subjects, published}; `published` is what the dataset
               has by publication, null where nothing is established; `densities` counts
               published maps
    gaze       statistics of the fixations before any was left out, see
               `samjax.data.raw.plausibility`
    rows       the problems behind `faults` and `oddities`: kind, where, what

and, of a table, `fixations_dropped_with_their_image`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from samjax.data.dataset import Dataset
from samjax.data.raw.dataset_spec import Count
from samjax.data.raw.plausibility import GazeStatistics
from samjax.data.raw.problems import Problem, Problems
from samjax.data.versions import prepare_again
from samjax.errors import UserError
from samjax.files.json_file import read_json, write_json

REPORT = "report.json"
SAME_PICTURE = "same picture in two splits"


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
        densities: Number of images with a published map.
        pictures: {digest of the pixels: ids of the images that have them}.
        gaze: Statistics of the fixations, with those that were left out.
    """

    images: int = 0
    fixations: int = 0
    subjects: set[int] = field(default_factory=set)
    resized: int = 0
    errors: Problems = field(default_factory=Problems)
    warnings: Problems = field(default_factory=Problems)
    densities: int = 0
    pictures: dict[str, list[str]] = field(default_factory=dict)
    gaze: GazeStatistics = field(default_factory=GazeStatistics)

    def include(self, other: ShardReport) -> None:
        """Add the counts and the problems of another report."""
        self.images += other.images
        self.fixations += other.fixations
        self.subjects |= other.subjects
        self.resized += other.resized
        self.errors.include(other.errors)
        self.warnings.include(other.warnings)
        self.densities += other.densities
        for digest, image_ids in other.pictures.items():
            self.pictures.setdefault(digest, []).extend(image_ids)
        self.gaze.include(other.gaze)

    def as_json(self) -> dict:
        """Return the report in types that JSON has."""
        fields = dict(vars(self))
        fields["subjects"] = sorted(self.subjects)
        fields["errors"] = _problems_as_json(self.errors)
        fields["warnings"] = _problems_as_json(self.warnings)
        fields["gaze"] = self.gaze.as_json()
        return fields

    @classmethod
    def from_json(cls, fields: dict) -> ShardReport:
        """Return the report that `as_json` returned these fields of."""
        fields = dict(fields)
        fields["subjects"] = set(fields["subjects"])
        fields["errors"] = _problems_from_json(fields["errors"])
        fields["warnings"] = _problems_from_json(fields["warnings"])
        fields["gaze"] = GazeStatistics(**fields["gaze"])
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
    total.warnings.take(_same_pictures(splits))
    return {
        "faults": dict(total.errors.counts),
        "oddities": dict(total.warnings.counts),
        "resized": total.resized,
        "splits": {
            split: {
                "images": report.images,
                "fixations": report.fixations,
                "subjects": len(report.subjects),
                "densities": report.densities,
                "published": published[split]._asdict() if split in published else None,
            }
            for split, report in splits.items()
        },
        "gaze": total.gaze.as_json(),
        "rows": [asdict(problem) for problem in (*total.errors.kept, *total.warnings.kept)],
    }


def _same_pictures(splits: Mapping[str, ShardReport]) -> Iterator[Problem]:
    """Yield a warning for each picture that is there twice, of another kind across splits."""
    places: dict[str, list[tuple[str, str]]] = {}
    for split, report in splits.items():
        for digest, image_ids in report.pictures.items():
            places.setdefault(digest, []).extend((split, image_id) for image_id in image_ids)
    for where in places.values():
        if len(where) > 1:
            several = len({split for split, _ in where}) > 1
            kind = SAME_PICTURE if several else "same picture twice in a split"
            (split, image_id), *others = where
            listed = ", ".join(f"{other} of {its}" for its, other in others)
            yield Problem(kind, f"{image_id} of {split}", f"{listed} has the same pixels")


def write_report(directory: Path, report: dict) -> None:
    """Write `report.json` into a dataset's folder."""
    write_json(directory / REPORT, report)


def read_report(dataset: Dataset) -> dict:
    """Return the contents of a dataset's `report.json`; {} if something else wrote the dataset.

    Raises:
        UserError: The file is damaged, or counts other images than the dataset has.
    """
    path = dataset.directory / REPORT
    if not path.is_file():
        return {}
    try:
        report = read_json(path)
        counts = {split: entry["images"] for split, entry in report["splits"].items()}
    except (UserError, OSError, LookupError, AttributeError, TypeError) as error:
        raise UserError(f"{path} is damaged; {prepare_again(dataset.name)}") from error
    for split, images in dataset.splits.items():
        if counts.get(split) != images:
            raise UserError(
                f"{path} counts {counts.get(split, 0)} images of {split}, and dataset_info.json "
                f"{images}; {prepare_again(dataset.name)}"
            )
    return report


def _problems_as_json(problems: Problems) -> dict:
    return {"counts": dict(problems.counts), "kept": [asdict(p) for p in problems.kept]}


def _problems_from_json(fields: dict) -> Problems:
    problems = Problems(kept=[Problem(**problem) for problem in fields["kept"]])
    problems.counts.update(fields["counts"])
    return problems
