"""`samjax inspect`: show a prepared dataset at a glance."""

import argparse
from pathlib import Path

SUMMARY = "Show what a prepared dataset holds: numbers, and a contact sheet."
EXAMPLE = """  samjax inspect osie
  samjax inspect mit1003 --split validation --images 29 --output sheet.png

Writes NAME-SPLIT.png: photographs with fixations, and with their density; first the center bias.
What it shows is checked as by `samjax prepare --check`; a fault is a line, and ends it with 1."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add = parser.add_argument
    add("name", metavar="NAME", help="a prepared dataset")
    add("--split", help="the split to show (default: each)")
    add("--images", type=int, default=23, metavar="N", help="how many on the sheet (%(default)s)")
    add("--output", metavar="FILE", help="the sheet (default: NAME-SPLIT.png)")
    add("--data-dir", metavar="D", help="the folder of the prepared datasets")


def run(args: argparse.Namespace) -> int:
    """Print the numbers of each split, and write its contact sheet.

    Raises:
        UserError: There is no such dataset or split, or the arguments do not fit together.
    """
    from samjax.console.log import log
    from samjax.data.sources import Source, open_dataset
    from samjax.data.versions import prepare_again
    from samjax.errors import UserError
    from samjax.report.checked_source import CheckedSource, faults_of_report
    from samjax.report.dataset_sheet import contact_sheet, statistics
    from samjax.report.gallery import spread_evenly

    if args.images < 1:
        raise UserError(f"--images={args.images}: show at least one")
    dataset = open_dataset(args.name, args.data_dir)
    splits = [args.split] if args.split else list(dataset.splits)
    if args.output and len(splits) > 1:
        raise UserError(f"--output takes one sheet, {args.name} has {len(splits)} splits; --split")
    print(f"{dataset.name}, edition: {dataset.edition or 'unknown'}")
    faults = 0
    for line in faults_of_report(dataset):
        log(line)
        faults += 1
    for split in splits:
        source = Source(dataset, split)
        checked = CheckedSource(source, spread_evenly(len(source), args.images))
        for line in checked.faults:
            log(line)
        faults += len(checked.faults)
        path = Path(args.output or f"{args.name}-{split}.png")
        print(f"{split}:")
        if len(checked):
            for name, value in statistics(checked).items():
                print(f"  {name}: {value}")
            contact_sheet(checked, args.images, path)
            print(f"  {path}")
    if faults:
        log(f"{dataset.directory} has {faults} faults; {prepare_again(dataset.name)}")
    return int(bool(faults))
