"""What `samjax prepare` does once its arguments are read. Results go to standard output."""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from samjax.console.log import log
from samjax.console.table import format_table
from samjax.data import remote
from samjax.data.builders.folder import folder_dataset
from samjax.data.dataset import Dataset
from samjax.data.origin import differences
from samjax.data.prepare.catalog import CatalogRow, catalog, find_published
from samjax.data.prepare.check import check_dataset
from samjax.data.prepare.export import export_images
from samjax.data.prepare.facts import facts_of_name
from samjax.data.prepare.from_published import prepare_published
from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.prepare.from_tables import prepare_table
from samjax.data.prepare.report import read_report
from samjax.data.prepare.summary import left_out_lines, split_lines, warning_lines
from samjax.data.prepare.transcode import transcode
from samjax.data.raw.plausibility import GazeStatistics, question
from samjax.data.raw.units import UNSTATED, Units
from samjax.data.sources import Source, open_dataset
from samjax.data.synthetic.scenes import SceneSpec
from samjax.errors import UserError, listed

OWN = ("table", "folder")
"""What prepares the user's own files."""


def prepare(args: argparse.Namespace) -> Dataset:
    """Prepare the dataset that the arguments ask for."""
    if args.units and (args.convert or args.builder not in OWN):
        raise UserError(f"--units={args.units} is for {listed(OWN)}; leave it out")
    options: dict[str, Any] = {"data_dir": args.data_dir, "overwrite": args.overwrite}
    if args.convert:
        return transcode(args.convert, args.name, **options)
    options["jobs"] = args.jobs
    if args.builder == "synthetic":
        spec = SceneSpec(height=args.size[1], width=args.size[0]) if args.size else None
        name = args.name or "synthetic"
        return prepare_synthetic(name, spec=spec, counts=args.counts, seed=args.seed, **options)
    options |= {"sigma": args.sigma, "on_error": args.on_error}
    units = Units.parse(args.units)
    if args.builder == "table":
        source = _own_source(args, "images.csv")
        return prepare_table(source, args.name or _name_of(source), units=units, **options)
    if args.builder == "folder":
        source = _own_source(args, "images/ in it")
        name = args.name or _name_of(source)
        dataset = folder_dataset(name, facts_of_name(name, args.sigma), units)
    else:
        dataset = find_published(args.builder)
    return prepare_published(dataset, args.source, **options)


def _own_source(args: argparse.Namespace, contents: str) -> Path:
    """Return --source, without which the user's own files cannot be found."""
    if not args.source:
        raise UserError(f"{args.builder} needs --source=PATH, the folder with {contents}")
    return Path(args.source)


def _name_of(source: Path) -> str:
    """Return the name of a folder as the user sees it, which may be a link's."""
    return Path(os.path.abspath(source)).name


def show(dataset: Dataset) -> None:
    """Print a line per split on standard output, and what was left out on standard error."""
    for line in split_lines(dataset):
        print(line)
    for line in (*left_out_lines(dataset), *warning_lines(dataset)):
        log(line)


def export(dataset: Dataset, folder: str) -> None:
    """Write the test images of a dataset into a folder."""
    count = export_images(Source(dataset, "test"), Path(folder))
    log(f"wrote {count} test images to {folder}")


def check(name: str | None, data_dir: str | None, jobs: int) -> int:
    """Print a line per error of a prepared dataset, and return 1 if there is any."""
    dataset = open_dataset(name or "", data_dir)
    if dataset.address:
        remote.fetch(dataset.address, dataset.directory)
    count, gaze = 0, GazeStatistics()
    for error in _all_errors(dataset, jobs, gaze):
        print(error)
        count += 1
    for line in warning_lines(dataset) if not count else ():
        log(line)
    if asked := question(gaze, UNSTATED, skip=False):
        log(f"warning: {name}: {asked}")
    if count:
        log(f"{dataset.directory} has {count} faults; prepare it again")
        return 1
    print(f"{name}: {sum(dataset.splits.values())} images, no fault")
    return 0


def _all_errors(dataset: Dataset, jobs: int, gaze: GazeStatistics) -> Iterator[str]:
    """Yield a line per error of a prepared dataset, of its report and of its origin elsewhere."""
    resized = None
    try:
        resized = read_report(dataset).get("resized")
    except UserError as error:
        yield str(error)
    yield from check_dataset(dataset, resized, jobs, gaze)
    if dataset.address:
        yield from differences(dataset.address, dataset.directory)


def show_catalog(data_dir: str | None) -> int:
    """Print a table of all known datasets."""
    header = CatalogRow("NAME", "STATE", "IMAGES", "EDITION", "WHERE, OR HOW TO GET IT")
    print(format_table([list(row) for row in (header, *catalog(data_dir))]))
    return 0
