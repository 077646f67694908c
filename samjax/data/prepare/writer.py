"""The writer of all prepared datasets: items to a TFDS dataset, resumable, whole or not at all."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from samjax import data, files
from samjax.console.log import log
from samjax.console.progress import track
from samjax.data.dataset import Dataset
from samjax.data.example import Facts
from samjax.data.prepare.load_item import Items, SerializedItem
from samjax.data.prepare.report import ShardReport, dataset_report, write_report
from samjax.data.prepare.shard_writer import Span, plan_shards, write_shards
from samjax.data.prepare.shards import VERSION, shard_name, write_info
from samjax.data.prepare.staging import discard, kept_folder
from samjax.data.raw.dataset_spec import Count
from samjax.data.raw.plausibility import GazeStatistics
from samjax.data.sources import open_dataset
from samjax.errors import UserError

SHARD_BYTES = 256 * 2**20
SHARDS = "shards"


@dataclass(frozen=True)
class DatasetContents:
    """A dataset that is ready to be written.

    Attributes:
        facts: What is known of the dataset as a whole.
        items: The images of each split, in order.
        source_state: A value for JSON that changes whenever the raw files may have changed. An
            interrupted run goes on only where it is the same as before.
        source_report: The errors and warnings that were met while the items were found.
        published: {split: Count}, what the dataset holds by publication.
        more_report: Further keys of `report.json`.
        question: Returns what is asked about the fixations as a whole before a dataset of them is
            made, "" for nothing; None: nothing is.
    """

    facts: Facts
    items: Items
    source_state: object
    source_report: ShardReport = field(default_factory=ShardReport)
    published: Mapping[str, Count] = field(default_factory=dict)
    more_report: Mapping[str, object] = field(default_factory=dict)
    question: Callable[[GazeStatistics], str] | None = None


def write_dataset(
    final: Path,
    contents: DatasetContents,
    *,
    on_error: str = "fail",
    jobs: int = 1,
    shard_bytes: int = SHARD_BYTES,
    doing: str = "writing",
) -> Dataset:
    """Write a dataset. It is the same for any number of jobs.

    Args:
        final: The dataset's folder, `<data_dir>/<name>`; see `staging.final_place`.
        contents: What is written.
        on_error: 'fail' or 'skip', what to do if there are images that cannot be used.
        jobs: How many processes load the images.
        shard_bytes: A shard holds at most so many bytes of image files.
        doing: The word that is shown beside the progress.

    Raises:
        UserError: There are errors and `on_error` is 'fail', or nothing can be used. Finished
            shards are kept for the next run.
    """
    # The plan depends on the items alone, so a run that goes on cuts the same shards.
    name, spans = final.name, plan_shards(contents.items, shard_bytes)
    with kept_folder(final, _fingerprint(contents, shard_bytes)) as folder:
        shards = folder / SHARDS
        shards.mkdir(exist_ok=True)
        try:
            _write_missing(contents.items, spans, shards, jobs, name, doing)
            reports = {span: span.read_report(shards) for span in spans}
            if on_error == "fail":
                _refuse_errors(contents.source_report, reports, shards)
            _ask(contents, reports, name)
            directory = _assemble(reports, folder, name, contents.facts)
            write_report(directory, _report(contents, reports))
        except BaseException:  # Ctrl-C and SIGTERM too
            _say_what_is_kept(folder)
            raise
    return open_dataset(name, final.parent)


def _report(contents: DatasetContents, reports: dict[Span, ShardReport]) -> dict:
    """Return what `report.json` says of the dataset."""
    by_split = [(span.split, report) for span, report in reports.items()]
    report = dataset_report(by_split, contents.source_report, contents.published)
    return report | dict(contents.more_report)


def _ask(contents: DatasetContents, reports: dict[Span, ShardReport], name: str) -> None:
    """Raise UserError with a question if the fixations cannot be what they are taken for."""
    total = GazeStatistics()
    for report in reports.values():
        total.include(report.gaze)
    if contents.question and (asked := contents.question(total)):
        raise UserError(f"{name}: {asked}")


def _fingerprint(contents: DatasetContents, shard_bytes: int) -> str:
    """Return a text that changes with anything that may change a shard: raw files, ids, code."""
    # Any change of the code may change what is read, so all of samjax.data and samjax.files counts.
    rooms = [Path(folder) for room in (data, files) for folder in room.__path__]
    code = [path.read_text("utf-8") for room in rooms for path in sorted(room.rglob("*.py"))]
    ids = {split: [item.image_id for item in items] for split, items in contents.items.items()}
    text = json.dumps([contents.source_state, ids, shard_bytes, VERSION, code])
    return hashlib.sha256(text.encode()).hexdigest()


def _write_missing(
    items: Items, spans: Sequence[Span], shards: Path, jobs: int, name: str, doing: str
) -> None:
    """Write those shards that an earlier run has not finished."""

    def show_progress(loaded: Iterable[SerializedItem], total: int) -> Iterator[SerializedItem]:
        return track(loaded, total, f"{name}: {doing}")

    missing = [span for span in spans if not span.is_finished(shards)]
    if missing and len(missing) < len(spans):
        done = len(spans) - len(missing)
        log(f"{name}: going on after {done} of {len(spans)} shards")
    if missing:
        write_shards(items, missing, shards, jobs, show_progress)


def _refuse_errors(source: ShardReport, reports: dict[Span, ShardReport], shards: Path) -> None:
    """Raise UserError if any image cannot be used; its shard is written anew by the next run."""
    total = ShardReport()
    total.include(source)
    for span, report in reports.items():
        total.include(report)
        if report.errors.counts:
            # The user may mend the file without changing its size, which nobody would notice.
            span.report_file(shards).unlink()
    total.errors.refuse()


def _assemble(reports: dict[Span, ShardReport], folder: Path, name: str, facts: Facts) -> Path:
    """Move the shards that have records to their final names; return the version's folder."""
    directory = folder / name / VERSION
    # A run that was stopped while it assembled has left some of it.
    shutil.rmtree(folder / name, ignore_errors=True)
    directory.mkdir(parents=True)
    # Shards without a usable image are left out, and the others numbered without gaps.
    filled: dict[str, list[Span]] = {}
    for span, report in reports.items():
        if report.images:
            filled.setdefault(span.split, []).append(span)
    if not filled:
        raise UserError(f"no image of {name} can be used; see what --on-error=fail says")
    for split, spans in filled.items():
        for number, span in enumerate(spans):
            shard = directory / shard_name(name, split, number, len(spans))
            os.rename(span.shard_file(folder / SHARDS), shard)
    lengths = {split: [reports[span].images for span in spans] for split, spans in filled.items()}
    write_info(directory, name, facts, lengths)
    return directory


def _say_what_is_kept(folder: Path) -> None:
    finished = len(list((folder / SHARDS).glob("*.json")))
    if finished:
        log(f"{finished} finished shards are kept in {folder}; the same command goes on from them")
    else:
        discard(folder)
