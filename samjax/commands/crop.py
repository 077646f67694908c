"""`samjax crop`: the windows that keep the most attention, and the focal points of pictures."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samjax.commands.crop_output import json_text, lacking, table
from samjax.commands.photo_options import add_max_pixels, search
from samjax.errors import one_line

if TYPE_CHECKING:  # it takes NumPy, which is imported only where it is needed
    from samjax.analysis.shapes import Shape
    from samjax.prediction.outputs import Outputs
    from samjax.prediction.predictor import Predictor

SUMMARY = "Find the window of a picture that keeps the most attention, and its focal point."
EXAMPLE = """\
  samjax crop --ratio 1:1,16:9 photos/
  samjax crop --size 1200x630 --write --output crops portrait.jpg
  samjax crop --ratio 4:5 --keep 0.8 --json crops.json photos/

The first prints, for each picture, the largest square and the largest 16:9 with the most attention
in them; the second also writes crops/portrait_1200x630.jpg; the third takes the smallest 4:5 that
keeps 80 % of the attention, and writes boxes and focal points as JSON."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add = parser.add_argument
    add("paths", nargs="+", metavar="IMAGE", help="pictures, or folders that are searched for them")
    add("--ratio", default="", metavar="A:B", help="width by height, with commas: 1:1,16:9,1.91:1")
    add("--size", default="", metavar="WxH", help="sizes of cut pictures in pixels, with commas")
    add(
        "--keep",
        type=float,
        metavar="SHARE",
        help="the smallest window that keeps this share of the attention (default: the largest "
        "window of the ratio)",
    )
    add(
        "--margin",
        type=float,
        metavar="FRACTION",
        help="of the window, on each side, in which attention does not count: keeps "
        "subjects off the edge (0.025)",
    )
    add("--enlarge", action="store_true", help="sizes may be larger than the picture")
    add("--json", metavar="FILE", help="boxes and focal points as JSON; - prints them")
    add("--write", action="store_true", help="write the cut pictures, STEM_16x9.jpg and so on")
    add("--output", default="crops", metavar="DIR", help="folder of the cut pictures (%(default)s)")
    add_max_pixels(parser)
    add("--weights", metavar="W", help="as of samjax predict (default: the bundled model)")
    add("--offline", action="store_true", help="never download weights, use the cache only")


def run(args: argparse.Namespace) -> int:
    """Find the crops of all pictures, print or write them, and write the cut pictures.

    Returns:
        0, or 1 where a picture failed; the others are done then, too.

    Raises:
        UserError: The arguments are wrong, or the weights cannot be read.
    """
    from samjax.analysis.crop import MARGIN, check_options
    from samjax.analysis.crop_report import crop_json
    from samjax.analysis.cutting import SAVED_AS
    from samjax.analysis.shapes import read_shapes
    from samjax.console.log import log
    from samjax.files.json_file import write_json
    from samjax.prediction.outputs import plan_outputs

    shapes = read_shapes(args.ratio, args.size)
    args.margin = MARGIN if args.margin is None else args.margin
    check_options(args.margin, args.keep)
    found = search(args.paths, Path(args.output))
    for path, reason in found.failed:
        log(f"samjax crop: {path}: {reason}")
    suffixes = [f"_{shape.name}" for shape in shapes]
    plans = plan_outputs(found.photos, Path(args.output), tuple(SAVED_AS), suffixes)
    # Imported only now: JAX takes seconds, and a wrong path should be told at once.
    from samjax.prediction.predictor import load_model

    model = load_model(args.weights, offline=args.offline)
    images, failed = _crop_all(model, plans, shapes, args)
    failed = [*found.failed, *failed]
    document = crop_json(images, model.origin, args.margin, args.keep, failed)
    if args.json and args.json != "-":
        log(f"wrote {write_json(args.json, document)}")
    elif images or args.json:
        print(json_text(document) if args.json else table(images))
    return 1 if failed else 0


def _crop_all(
    model: Predictor, plans: list[Outputs], shapes: list[Shape], args: argparse.Namespace
) -> tuple[list[dict[str, Any]], list[tuple[Path, str]]]:
    """Return what is known of each picture, and the pictures that failed, each with a reason."""
    from samjax.console.progress import ProgressBar

    images: list[dict[str, Any]] = []
    failed: list[tuple[Path, str]] = []
    with ProgressBar("cropping", len(plans)) as progress:
        for plan in plans:
            try:
                images.append(_crop_one(model, plan, shapes, args))
                for line in lacking(images[-1], args.keep):
                    progress.write(f"samjax crop: {plan.photo}: {line}")
            # One picture must not end the others, whatever it makes a library raise.
            except Exception as error:
                reason = one_line(error).removeprefix(f"{plan.photo}: ")
                failed.append((plan.photo, reason))
                progress.write(f"samjax crop: {plan.photo}: {reason}")
            progress.done()
    return images, failed


def _crop_one(
    model: Predictor, plan: Outputs, shapes: list[Shape], args: argparse.Namespace
) -> dict[str, Any]:
    """Return the crops and the focal point of a picture, and write the cut pictures if asked."""
    from samjax.analysis.crop import crop
    from samjax.analysis.crop_report import crop_record
    from samjax.analysis.cutting import write_crops
    from samjax.analysis.windows import Attention
    from samjax.prediction.photo import read_pixels

    attention = Attention(model(read_pixels(plan.photo, args.max_pixels)).density)
    crops = [
        crop(attention, shape, margin=args.margin, keep=args.keep, enlarge=args.enlarge)
        for shape in shapes
    ]
    files: dict[str, Path] = {}
    if args.write:
        named = {f"_{c.shape.name}": c for c in crops}
        files = write_crops(plan.photo, named, plan.files, args.max_pixels)
    return crop_record(str(plan.photo), attention, crops, files)
