"""`samjax prepare`: raw files to a dataset that training and evaluation read."""

import argparse
import sys

SUMMARY = "Turn raw files into a prepared dataset (TFDS format, array_record)."
EXAMPLE = """  samjax prepare table --name osie --source osie/
  samjax prepare table --name mine --source ~/eyetracking --sigma 35 --on-error=skip
  samjax prepare synthetic --counts 160,40,40

A table is a folder with images.csv (name, original_width, original_height, split),
fixations.csv or fixations.csv.gz (image, x, y, subject, duration_ms, order), images/, and
densities/STEM.png where maps are published. Only name, image, x and y are required."""


def add_arguments(parser: argparse.ArgumentParser):
    parser.add_argument(
        "builder",
        choices=("table", "synthetic"),
        metavar="NAME",
        help="table: your own files; synthetic: drawn scenes, needs no files",
    )
    parser.add_argument("--source", metavar="PATH", help="folder of the table")
    parser.add_argument("--name", help="name of the prepared dataset (default: the folder's name)")
    parser.add_argument(
        "--data_dir",
        metavar="D",
        help="where datasets live (default: $TFDS_DATA_DIR or ~/tensorflow_datasets)",
    )
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
        help="what to do with rows that the checks refuse (default: fail)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a dataset of this name")
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
    dataset = _synthetic(args) if args.builder == "synthetic" else _table(args)
    _print_summary(dataset)
    if args.export:
        _export(dataset, args.export)
    return 0


def _export(dataset, folder: str):
    from pathlib import Path

    from samjax.data.export import export_images
    from samjax.data.sources import Source

    count = export_images(Source(dataset, "test"), Path(folder))
    print(f"wrote {count} test images to {folder}", file=sys.stderr)


def _table(args: argparse.Namespace):
    from pathlib import Path

    from samjax.data.prepare import prepare_table
    from samjax.errors import UserError

    if not args.source:
        raise UserError("table needs --source=PATH, the folder with images.csv")
    return prepare_table(
        args.source,
        args.name or Path(args.source).resolve().name,
        data_dir=args.data_dir,
        sigma=args.sigma,
        on_error=args.on_error,
        overwrite=args.overwrite,
    )


def _synthetic(args: argparse.Namespace):
    from samjax.data.prepare import prepare_synthetic
    from samjax.data.scenes import SceneSpec

    spec = SceneSpec(height=args.size[1], width=args.size[0]) if args.size else None
    return prepare_synthetic(
        args.name or "synthetic",
        data_dir=args.data_dir,
        spec=spec,
        counts=args.counts,
        seed=args.seed,
        overwrite=args.overwrite,
    )


def _print_summary(dataset):
    """One line per split on standard output; what was left out on standard error."""
    from samjax.data.prepare import read_report
    from samjax.data.sources import Source

    for split in dataset.splits:
        source = Source(dataset, split)
        fixations, subjects = 0, set()
        for i in range(len(source)):
            example = source[i]
            fixations += len(example.fixations)
            subjects.update(example.subject[example.subject >= 0].tolist())
        print(
            f"{dataset.name} {split}: {len(source)} images, {fixations} fixations, "
            f"{len(subjects)} subjects"
        )
    faults = read_report(dataset)["faults"]
    if faults:
        left_out = ", ".join(f"{count} {kind}" for kind, count in sorted(faults.items()))
        print(f"left out: {left_out}; listed in {dataset.directory}/report.json", file=sys.stderr)
    print(f"prepared {dataset.directory}", file=sys.stderr)


def _counts(text: str) -> dict[str, int]:
    parts = text.split(",")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"'{text}' is not three numbers such as 160,40,40")
    return dict(zip(("train", "validation", "test"), map(int, parts), strict=True))


def _size(text: str) -> tuple[int, int]:
    parts = text.split("x")
    if len(parts) != 2 or not all(part.isdigit() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"'{text}' is not a size such as 320x240")
    return int(parts[0]), int(parts[1])
