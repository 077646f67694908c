"""`samjax figure`: draw pictures for papers."""

import argparse
from pathlib import Path

SUMMARY = "Draw images beside predictions and ground truth, or the refinement by timestep."
EXAMPLE = """  samjax figure --weights runs/a runs/b --dataset osie --output panel
  samjax figure --strip --weights runs/a --dataset osie --images 1001,1050 --output strip

Writes OUTPUT.png and OUTPUT.pdf; 3.5 inches are a column, 7.16 a page of two columns."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add = parser.add_argument
    add("--weights", nargs="+", required=True, metavar="W", help="models: folders, files or names")
    add("--dataset", required=True, help="the prepared dataset of the images")
    add("--split", default="validation", help="the split of the images (%(default)s)")
    add("--images", default="", metavar="ID,ID", help="images (default: spread over the split)")
    add("--count", type=int, default=4, metavar="N", help="number without --images (%(default)s)")
    add("--strip", action="store_true", help="one model's map after each timestep")
    add("--output", default="figure", metavar="FILE", help="file without its ending (%(default)s)")
    add("--width", type=float, default=3.5, metavar="INCHES", help="of the figure (%(default)s)")
    add("--data-dir", metavar="D", help="the folder of the prepared datasets")


def run(args: argparse.Namespace) -> int:
    """Draw a figure, and print the paths of its files.

    Raises:
        UserError: The arguments do not fit together, or something cannot be read.
    """
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
    """Return the last part of a path, or all of it where two paths have that part."""
    short = Path(weights).name or weights
    same = [other for other in others if Path(other).name == short]
    return weights if len(same) > 1 else short
