"""Raw files as published to a TFDS dataset in array_record: resumable, whole or not at all."""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from samjax import data
from samjax.console.progress import track
from samjax.data.example import Facts
from samjax.data.prepare.downloads import downloaded
from samjax.data.prepare.from_tables import with_sigma, write_report
from samjax.data.prepare.shard_report import ShardReport
from samjax.data.prepare.shards import VERSION, shard_name, write_info
from samjax.data.prepare.staging import discard, final_place, kept_folder
from samjax.data.prepare.write_items import Items, Span, plan, write_spans
from samjax.data.raw.dataset_spec import DatasetSpec
from samjax.data.raw.problems import Faults
from samjax.data.raw.tree import Tree
from samjax.data.sources import Dataset, open_dataset
from samjax.errors import UserError

SHARD_BYTES = 256 * 2**20
SHARDS = "shards"


def prepare_published(
    dataset: DatasetSpec,
    source: str | Path | None = None,
    *,
    data_dir: str | Path | None = None,
    sigma: float | None = None,
    on_error: str = "fail",
    overwrite: bool = False,
    jobs: int = 1,
    shard_bytes: int = SHARD_BYTES,
) -> Dataset:
    """Writes a published dataset from its raw files; without `source` they are downloaded.

    `sigma` is one degree in original pixels, else as published. `on_error` is 'fail' or 'skip':
    what to do with images that cannot be used. `jobs` processes load the images; the dataset is
    the same for any number. Raises UserError; finished shards are kept for the next run.
    """
    final, facts = final_place(dataset.name, data_dir, overwrite), with_sigma(dataset.facts, sigma)
    tree = Tree(source or downloaded(dataset, final.parent))
    total = ShardReport()
    items = _unique(dataset.items(tree, total.odd), total.unusable)
    if not any(items.values()):
        raise UserError(f"{tree.root} has none of the files of {dataset.name}; see --list")
    spans = plan(items, shard_bytes)
    with kept_folder(final, _fingerprint(tree, items, shard_bytes)) as folder:
        (folder / SHARDS).mkdir(exist_ok=True)
        try:
            _write_missing(items, spans, folder / SHARDS, jobs, dataset.name)
            reports = _reports(spans, folder / SHARDS)
            for report in reports.values():
                total.include(report)
            if on_error == "fail":
                _refuse(reports, folder / SHARDS, total)
            directory = _assemble(reports, folder, dataset.name, facts)
            write_report(directory, _report(reports, total, dataset))
        except BaseException:
            _say_what_is_kept(folder)
            raise
    return open_dataset(dataset.name, data_dir)


def _unique(items: Items, unusable: Faults) -> Items:
    """The items without those whose id an earlier one has."""
    seen, unique = set(), {}
    for split, members in items.items():
        unique[split] = []
        for item in members:
            if item.image_id in seen:
                what = f"{split} has the image id of an earlier image"
                unusable.add("duplicate image", item.image_id, what)
            else:
                seen.add(item.image_id)
                unique[split].append(item)
    return unique


def _fingerprint(tree: Tree, items: Items, shard_bytes: int) -> str:
    """Changes with anything that may change a shard: the files, what is read, the code."""
    code = [path.read_text() for path in sorted(Path(data.__file__).parent.rglob("*.py"))]
    files = [(name, tree.size(name)) for name in tree.names]
    ids = {split: [item[0] for item in members] for split, members in items.items()}
    text = json.dumps([files, ids, shard_bytes, VERSION, code])
    return hashlib.sha256(text.encode()).hexdigest()


def _write_missing(items: Items, spans: Sequence[Span], shards: Path, jobs: int, name: str):
    missing = [span for span in spans if not span.finished(shards)]
    if missing and len(missing) < len(spans):
        done = len(spans) - len(missing)
        print(f"{name}: going on after {done} of {len(spans)} shards", file=sys.stderr)
    if missing:
        write_spans(items, missing, shards, jobs, partial(track, what=f"{name}: writing"))


def _reports(spans: Sequence[Span], shards: Path) -> dict[Span, ShardReport]:
    texts = {span: span.report(shards).read_text() for span in spans}
    return {span: ShardReport.from_json(json.loads(text)) for span, text in texts.items()}


def _refuse(reports: dict[Span, ShardReport], shards: Path, total: ShardReport):
    """Raises UserError if anything is unusable; such shards are read anew by the next run."""
    for span, report in reports.items():
        if report.unusable.counts:
            span.report(shards).unlink()
    total.unusable.refuse()


def _assemble(reports: dict[Span, ShardReport], folder: Path, name: str, facts: Facts) -> Path:
    """Moves the shards that have records to their final names; returns the dataset's folder."""
    directory = folder / name / VERSION
    shutil.rmtree(folder / name, ignore_errors=True)
    directory.mkdir(parents=True)
    filled: dict[str, list[Span]] = {}
    for span, report in reports.items():
        if report.images:
            filled.setdefault(span.split, []).append(span)
    if not filled:
        raise UserError(f"no image of {name} can be used; see what --on-error=fail says")
    for split, spans in filled.items():
        for number, span in enumerate(spans):
            shard = directory / shard_name(name, split, number, len(spans))
            os.rename(span.shard(folder / SHARDS), shard)
    lengths = {split: [reports[span].images for span in spans] for split, spans in filled.items()}
    write_info(directory, name, facts, lengths)
    return directory


def _report(reports: dict[Span, ShardReport], total: ShardReport, dataset: DatasetSpec) -> dict:
    """What `report.json` says; `published` is None where nothing is established."""
    splits: dict[str, ShardReport] = {}
    for span, report in reports.items():
        splits.setdefault(span.split, ShardReport()).include(report)
    return {
        "faults": dict(total.unusable.counts),
        "oddities": dict(total.odd.counts),
        "resized": total.resized,
        "splits": {
            split: {
                "images": report.images,
                "fixations": report.fixations,
                "subjects": len(report.subjects),
                "published": count._asdict() if (count := dataset.counts.get(split)) else None,
            }
            for split, report in splits.items()
        },
        "rows": [asdict(fault) for fault in (*total.unusable.kept, *total.odd.kept)],
    }


def _say_what_is_kept(folder: Path):
    finished = len(list((folder / SHARDS).glob("*.json")))
    if finished:
        print(
            f"{finished} finished shards are kept in {folder}; the same command goes on from them",
            file=sys.stderr,
        )
    else:
        discard(folder)
