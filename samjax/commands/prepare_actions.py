"""What `samjax prepare` does, once its arguments are read: results on standard output."""

import argparse
import sys
from pathlib import Path

from samjax.data import remote
from samjax.data.builders.folder import folder
from samjax.data.prepare.catalog import catalog, find
from samjax.data.prepare.check import check_dataset
from samjax.data.prepare.export import export_images
from samjax.data.prepare.from_raw import prepare_published
from samjax.data.prepare.from_tables import (
    known_facts,
    prepare_synthetic,
    prepare_table,
    read_report,
)
from samjax.data.prepare.summary import left_out_lines, split_lines
from samjax.data.prepare.transcode import transcode
from samjax.data.sources import Dataset, Source, open_dataset
from samjax.data.synthetic.scenes import SceneSpec
from samjax.errors import UserError


def prepare(args: argparse.Namespace) -> Dataset:
    places = {"data_dir": args.data_dir, "overwrite": args.overwrite}
    if args.convert:
        return transcode(args.convert, args.name, **places)
    if args.builder == "synthetic":
        return _synthetic(args, places)
    places |= {"sigma": args.sigma, "on_error": args.on_error}
    if args.builder == "table":
        if not args.source:
            raise UserError("table needs --source=PATH, the folder with images.csv")
        name = args.name or Path(args.source).resolve().name
        return prepare_table(args.source, name, **places)
    if args.builder == "folder":
        if not args.source:
            raise UserError("folder needs --source=PATH, the folder with images/ in it")
        name = args.name or Path(args.source).resolve().name
        dataset = folder(name, known_facts(name, args.sigma))
    else:
        dataset = find(args.builder)
    return prepare_published(dataset, args.source, jobs=args.jobs, **places)


def _synthetic(args: argparse.Namespace, places: dict) -> Dataset:
    spec = SceneSpec(height=args.size[1], width=args.size[0]) if args.size else None
    name = args.name or "synthetic"
    return prepare_synthetic(name, spec=spec, counts=args.counts, seed=args.seed, **places)


def show(dataset: Dataset):
    """One line per split on standard output; what was left out on standard error."""
    for line in split_lines(dataset):
        print(line)
    for line in left_out_lines(dataset):
        print(line, file=sys.stderr)


def export(dataset: Dataset, folder: str):
    count = export_images(Source(dataset, "test"), Path(folder))
    print(f"wrote {count} test images to {folder}", file=sys.stderr)


def check(name: str | None, data_dir: str | None, jobs: int) -> int:
    """Prints a line per fault; 1 if there is any."""
    dataset = open_dataset(name or "", data_dir)
    if dataset.address:
        remote.fetch(dataset.address, dataset.directory)
    count = 0
    for fault in check_dataset(dataset, read_report(dataset).get("resized"), jobs):
        print(fault)
        count += 1
    if count:
        print(f"{dataset.directory} has {count} faults; prepare it again", file=sys.stderr)
        return 1
    print(f"{name}: {sum(dataset.splits.values())} images, no fault")
    return 0


def show_catalog(data_dir: str | None) -> int:
    """A table in columns, as wide as their contents."""
    rows = [("NAME", "STATE", "IMAGES", "EDITION", "WHERE, OR HOW TO GET IT"), *catalog(data_dir)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(map(str.ljust, row, widths)).rstrip())
    return 0
