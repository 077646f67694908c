"""`samjax figure`: pictures for papers."""

import argparse
from pathlib import Path

SUMMARY = "Draw images beside predictions and ground truth, or the refinement by timestep."
EXAMPLE = """  samjax figure --weights runs/a runs/b --dataset osie --output panel
  samjax figure --strip --weights runs/a --dataset osie --images 1001,1050 --output strip

Writes OUTPUT.png and OUTPUT.pdf; 3.5 inches are a column, 7.16 a page of two columns."""


def add_arguments(parser: argparse.ArgumentParser):
    add = parser.add_argument
    add("--weights", nargs="+", required=True, metavar="W", help="work folders, files or names")
    add("--dataset", required=True, help="prepared dataset")
    add("--split", default="validation", help="(%(default)s)")
    add("--images", default="", metavar="ID,ID", help="which images (default: spread over all)")
    add("--count", type=int, default=4, metavar="N", help="how many without --images (%(default)s)")
    add("--strip", action="store_true", help="the refinement strip of one model, T = 1..N")
    add("--output", default="figure", metavar="FILE", help="without its ending (%(default)s)")
    add("--width", type=float, default=3.5, metavar="INCHES", help="(%(default)s)")
    add("--data-dir", metavar="D", help="where prepared datasets are")


def run(args: argparse.Namespace) -> int:
    from samjax.data.sources import Source, open_dataset
    from samjax.errors import UserError
    from samjax.prediction.predictor import load_model
    from samjax.report import figure

    if args.strip and len(args.weights) > 1:
        raise UserError(f"--strip shows one model, not {len(args.weights)}; name one in --weights")
    if args.width <= 0 or args.count < 1:
        raise UserError(f"--width={args.width} and --count={args.count} must be positive")
    source = Source(open_dataset(args.dataset, args.data_dir), args.split)
    ids = [image_id.strip() for image_id in args.images.split(",") if image_id.strip()]
    indices = figure.select_images(source, ids, args.count)
    models = {_name(weights, args.weights): load_model(weights) for weights in args.weights}
    if args.strip:
        columns = figure.strip(next(iter(models.values())), source, indices)
    else:
        columns = figure.panel(models, source, indices)
    for path in figure.draw(columns, Path(args.output), args.width):
        print(path)
    return 0


def _name(weights: str, others: list[str]) -> str:
    """The end of a path, or all of it where two end alike."""
    short = Path(weights).name or weights
    return weights if sum(Path(other).name == short for other in others) > 1 else short
