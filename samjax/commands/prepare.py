"""`samjax prepare`: raw files to a dataset that training and evaluation read."""

import argparse

SUMMARY = "Turn raw files into a prepared dataset (TFDS format, array_record)."
EXAMPLE = """  samjax prepare --list
  samjax prepare osie --source ~/raw/osie --jobs 4
  samjax prepare table --name mine --source ~/eyetracking --sigma 35 --on-error=skip
  samjax prepare table --source ~/webtracker --units=fractions,seconds
  samjax prepare synthetic --counts 160,40,40
  samjax prepare --check osie
  samjax prepare --convert ~/theirs/1.0.0

A published dataset is read from its original files, a folder or the archives in it; without
--source they are downloaded. What was interrupted goes on where it was.
A table is a folder with images.csv (name, original_width, original_height, split),
fixations.csv or fixations.csv.gz (image, x, y, subject, duration_ms, order), images/, and
densities/STEM.png where maps are published. Only name, image, x and y are required.
A folder has images/, and beside it, by the same names, maps/ and fixations/ (CSV, TXT, NPY, MAT
or a picture): `samjax prepare folder --name mine --source PATH`."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `samjax prepare` to its parser."""
    parser.add_argument(
        "builder",
        nargs="?",
        metavar="NAME",
        help="a published dataset (see --list); table, folder: your own files; synthetic: scenes",
    )
    parser.add_argument("--source", metavar="PATH", help="folder (or archive) of the raw files")
    parser.add_argument("--name", help="table: name of the dataset (default: the folder's name)")
    parser.add_argument(
        "--data-dir",
        metavar="D",
        help="where datasets live (default: $TFDS_DATA_DIR or ~/tensorflow_datasets)",
    )
    _add_own_data(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace a dataset of this name")
    parser.add_argument(
        "--jobs",
        type=_jobs,
        default=1,
        metavar="N",
        help="processes that load, draw or check images (default: 1)",
    )
    _add_other_uses(parser)
    _add_synthetic(parser)


def _add_own_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sigma",
        type=float,
        metavar="PIXELS",
        help="one degree of visual angle in original pixels, which blurs "
        "fixations into densities (default: as published for known names, else "
        "3%% of the longer side)",
    )
    parser.add_argument(
        "--on-error",
        choices=("fail", "skip"),
        default="fail",
        help="what to do with images and rows that the checks refuse (default: fail)",
    )
    parser.add_argument(
        "--units",
        default="",
        metavar="UNIT[,UNIT]",
        help="table, folder: what positions are, pixels, one-based or fractions, and durations, ms "
        "or seconds (default: pixels from 0, and ms)",
    )


def _add_other_uses(parser: argparse.ArgumentParser) -> None:
    uses = parser.add_mutually_exclusive_group()
    uses.add_argument("--list", action="store_true", help="show all known datasets, and stop")
    uses.add_argument(
        "--check", action="store_true", help="verify the prepared dataset NAME, a line per fault"
    )
    uses.add_argument(
        "--convert", metavar="DIR", help="take over a TFDS dataset that is stored as tfrecord"
    )


def _add_synthetic(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--counts",
        type=_counts,
        metavar="N,N,N",
        help="synthetic: images in train,validation,test (default: 160,40,40)",
    )
    parser.add_argument(
        "--size", type=_size, metavar="WxH", help="synthetic: pixels of a scene (default: 320x240)"
    )
    parser.add_argument("--seed", type=int, default=0, help="synthetic: seed (default: 0)")
    parser.add_argument(
        "--export", metavar="DIR", help="also write the test images to DIR, to try prediction on"
    )


def run(args: argparse.Namespace) -> int:
    """Run the command and return its exit status; failures are raised as UserError."""
    from samjax.commands import prepare_actions
    from samjax.console.log import log
    from samjax.errors import UserError

    if args.list:
        return prepare_actions.show_catalog(args.data_dir)
    if not (args.builder or args.convert):
        raise UserError("name a dataset, such as `samjax prepare osie`; --list shows all")
    if args.check:
        return prepare_actions.check(args.builder, args.data_dir, args.jobs)
    dataset = prepare_actions.prepare(args)
    prepare_actions.show(dataset)
    if args.export:
        prepare_actions.export(dataset, args.export)
    log(f"prepared {dataset.directory}")
    return 0


def _jobs(text: str) -> int:
    """Return the number of processes that --jobs names."""
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of processes above 0")
    return int(text)


def _counts(text: str) -> dict[str, int]:
    """Return {split: images} from a text such as '160,40,40'."""
    parts = text.split(",")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"'{text}' is not three numbers such as 160,40,40")
    return dict(zip(("train", "validation", "test"), map(int, parts), strict=True))


def _size(text: str) -> tuple[int, int]:
    """Return (width, height) from a text such as '320x240'."""
    parts = text.split("x")
    if len(parts) != 2 or not all(part.isdigit() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"'{text}' is not a size such as 320x240")
    return int(parts[0]), int(parts[1])
