"""samjax score: anyone's saliency maps against the fixations of a prepared dataset."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from samjax.errors import UserError

if TYPE_CHECKING:
    from samjax.evaluation.given_maps import MapOptions

SUMMARY = "Score a folder of saliency maps, beside baselines, by a named convention."
EXAMPLE = """\
  samjax score --dataset osie --split validation --maps saliency/ --csv ours.csv
  samjax score --dataset osie --split validation --maps theirs/ --against ours.csv

The first prints means with 95 % bootstrap intervals beside the baselines, and writes ours.csv (one
row per image) and ours.json (all that was printed). The second also prints how theirs differs from
ours per metric, with interval and permutation p value. Maps are called like the images: STEM.npy,
.npz, .mat, .h5, .png, .jpg ..."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    add = parser.add_argument
    add("--dataset", required=True, metavar="NAME", help="a prepared dataset")
    add("--split", required=True, metavar="S", help="a split, or a slice such as train[:10%%]")
    add("--maps", required=True, metavar="DIR", help="the folder of the maps, DIR/STEM.*")
    add("--convention", default="mit", metavar="C", help="mit, tuebingen or salicon (%(default)s)")
    add("--metrics", default="", metavar="M", help="some metrics only, with commas; EMD is slow")
    add("--csv", metavar="FILE", help="write the scores of each image; and FILE.json beside it")
    add("--against", metavar="CSV", help="a CSV of an earlier run to compare with, image by image")
    add("--until", type=float, metavar="MS", help="only fixations that begin within so many ms")
    add("--data-dir", metavar="D", help="where prepared datasets are")
    add("--baseline-split", default="train", metavar="S", help="of the center bias (%(default)s)")
    add(
        "--densities",
        action="store_true",
        help="the maps are densities: tuebingen derives each metric's own best map from them",
    )
    add(
        "--trials",
        type=int,
        default=500,
        metavar="N",
        help="held-out observers over all images; 0: no observers (%(default)s)",
    )
    add_map_options(parser)
    add("--seed", type=int, default=0, metavar="N", help="of every random draw (%(default)s)")


def add_map_options(parser: argparse.ArgumentParser) -> None:
    """Add what can be said about maps, which `samjax pack` asks too."""
    add = parser.add_argument
    add(
        "--values",
        default="",
        choices=("saliency", "density", "log-density"),
        help="what the maps hold, where negative values or logarithms leave that open",
    )
    add("--normalise", action="store_true", help="divide densities by their sum, which must be 1")
    add("--transpose", action="store_true", help="exchange the axes of every map")
    add("--stretch", action="store_true", help="maps of another aspect cover their whole image")
    add(
        "--orientation",
        default="",
        choices=("stored", "upright"),
        help="the pixels on which maps of images with an EXIF orientation lie: as they are stored, "
        "or turned upright as people see them",
    )


def map_options(args: argparse.Namespace) -> "MapOptions":
    """Return what was said about maps.

    Raises:
        UserError: The folder of the maps is an empty text.
    """
    from samjax.evaluation.given_maps import MapOptions
    from samjax.evaluation.map_sizes import SizeOptions

    if not args.maps:  # Path("") would be the folder at hand
        raise UserError("--maps is empty; give the folder that holds the maps")
    size = SizeOptions(args.transpose, args.stretch, args.orientation)
    return MapOptions(args.values, args.normalise, size)


def run(args: argparse.Namespace) -> int:
    """Score the maps, print the table, write the files, and return the exit status.

    Returns:
        0, or 1 where a map could not be used; the others are scored then, too.
    """
    from samjax.console.log import log
    from samjax.evaluation import score_report, score_table
    from samjax.evaluation.score_maps import score_maps
    from samjax.files.json_file import write_json

    if args.csv and Path(args.csv).suffix.lower() == ".json":
        raise UserError(f"--csv={args.csv}: the JSON is written beside the CSV; name it .csv")
    summary, scores = score_maps(
        args.dataset,
        args.split,
        args.maps,
        convention=args.convention,
        names=[name.strip() for name in args.metrics.split(",") if name.strip()],
        data_dir=args.data_dir,
        baseline_split=args.baseline_split,
        densities=args.densities,
        trials=args.trials,
        seed=args.seed,
        against=args.against,
        until_ms=args.until,
        maps=map_options(args),
    )
    score_table.print_summary(summary)
    if args.against:
        print(score_table.comparison_table(summary["against"]["difference"], "these", "other"))
    if args.csv:
        base = Path(args.csv)
        score_report.write_per_image(base, scores, summary)
        write_json(base.with_suffix(".json"), summary)
        log(f"wrote {base} and {base.with_suffix('.json')}")
    for reason in summary["failed"].values():
        log(f"samjax score: {reason}")
    if summary["failed"]:
        log(f"{len(summary['failed'])} maps could not be used, {summary['images']} were scored")
    return 1 if summary["failed"] else 0
