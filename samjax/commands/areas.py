"""`samjax areas`: how much attention areas of interest get."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samjax.commands import video_options
from samjax.commands.area_options import (
    NOWHERE,
    add_area_choice,
    add_weights,
    plan_drawings,
    read_for,
)
from samjax.commands.photo_options import add_max_pixels, positive, search
from samjax.errors import UserError, one_line

if TYPE_CHECKING:  # they take NumPy and JAX, which are imported only where they are needed
    from samjax.analysis.area import Area
    from samjax.prediction.predictor import Predictor

SUMMARY = "Measure how much attention areas of interest get: boxes, polygons, masks, or a grid."
EXAMPLE = """\
  samjax areas home.png --areas areas.csv --fixations 10
  samjax areas photos/ --grid 3x3 --csv shares.csv --draw --output areas
  samjax areas clip.mp4 --areas areas.csv --csv course.csv

The first reads boxes (image,area,x,y,width,height) and prints a table: share of all attention,
share per share of the picture (1 is chance), peak, rank, and the probability that at least one of
the first 10 fixations falls there. The second measures the ninths of every picture, writes one CSV,
and areas/STEM_areas.png with outlines and numbers. The third writes a row for each area in each
frame of a video, with its time. Areas may also be JSON, COCO, Labelme or SVG.
Pixels on the border of an area count by the fraction that it covers, exactly."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add = parser.add_argument
    add(
        "paths",
        nargs="+",
        metavar="IMAGE",
        help="pictures, or folders that are searched for them; videos",
    )
    which = parser.add_mutually_exclusive_group(required=True)
    add_area_choice(which)
    which.add_argument(
        "--auto", type=positive, metavar="K", help="find the K strongest regions by themselves"
    )
    add(
        "--fixations",
        type=positive,
        metavar="N",
        help="the first N fixations, drawn independently (10: about 3 seconds; as many as people "
        "make by the viewing times that a model was trained with)",
    )
    add(
        "--timesteps",
        action="store_true",
        help="also the shares after each timestep of the model, by the viewing times that it knows",
    )
    add("--csv", metavar="FILE", help="write one row for each area of each picture")
    add("--json", metavar="FILE", help="write everything as JSON")
    add("--draw", action="store_true", help="write STEM_areas.png with outlines and numbers")
    add("--output", default="areas", metavar="DIR", help="folder for the pictures (%(default)s)")
    add_max_pixels(parser)
    add_weights(parser)
    video_options.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Measure the areas of all pictures or videos, print the tables, and write the files.

    Returns:
        0, or 1 where a picture failed; the others are measured then, too.

    Raises:
        UserError: The arguments are wrong, or the areas or the weights cannot be read.
    """
    clips, others = video_options.split_paths(args)
    if not clips:
        return _measure_photos(args)
    from samjax.commands.area_clips import measure_clips

    return measure_clips(args, clips, others)


def _measure_photos(args: argparse.Namespace) -> int:
    """Measure the areas of all pictures, and return the exit status, see `run`."""
    from samjax.analysis.area import grid
    from samjax.console.log import log
    from samjax.console.progress import track

    found = search(args.paths, Path(args.output) if args.draw else NOWHERE)
    photos = found.photos
    areas = grid(*args.grid) if args.grid else []
    if args.areas:
        areas, without = read_for([photo.path for photo in photos], args.areas)
        for path in without:
            log(f"{args.areas} has no area for {path}; it is left out")
    # Imported only now: JAX takes a while, and a wrong file should be told at once.
    from samjax.prediction.predictor import load_model

    model = load_model(args.weights, offline=args.offline)
    drawn = plan_drawings(photos, Path(args.output), "_areas") if args.draw else {}
    records: list[dict[str, Any]] = []
    failed = list(found.failed)
    for photo in track(photos, len(photos), "measuring"):
        try:
            record = _measure(model, photo.path, areas, args, drawn.get(photo.path))
        except (UserError, OSError, MemoryError) as error:
            reason = one_line(error).removeprefix(f"{photo.path}: ")
            failed.append((photo.path, reason))
            continue
        if record:
            records.append(record)
    _write(args, records, failed, model.origin)
    for path, reason in failed:
        log(f"samjax areas: {path}: {reason}")
    return 1 if failed else 0


def _measure(
    model: Predictor, path: Path, areas: list[Area], args: argparse.Namespace, drawing: Path | None
) -> dict[str, Any]:
    """Measure one picture, print its table, and draw it; return its record for the files.

    The record is empty where the picture has no area.
    """
    from samjax.analysis.area_measuring import draw_areas, measure_picture
    from samjax.analysis.area_report import area_table, picture_record
    from samjax.analysis.matching import areas_of
    from samjax.console.log import log
    from samjax.pictures.encoding import write_picture

    own = areas_of(areas, path)
    if not own and not args.auto:  # named before the first picture
        return {}
    measured = measure_picture(
        model,
        path,
        own,
        strongest=args.auto or 0,
        fixations=args.fixations,
        all_timesteps=args.timesteps,
        max_pixels=args.max_pixels,
    )
    for note in measured.notes:
        log(f"{path}: {note}")
    if drawing is not None:
        write_picture(drawing, draw_areas(measured))
    print(area_table(measured))
    if drawing is not None:
        print(drawing)
    return picture_record(measured)


def _write(
    args: argparse.Namespace,
    records: list[dict[str, Any]],
    failed: list[tuple[Path, str]],
    model: str,
) -> None:
    """Write the CSV and the JSON that were asked for, and print their names."""
    from samjax.analysis.area_report import area_csv, area_json
    from samjax.files.atomic import write_atomic
    from samjax.files.json_file import write_json

    if args.csv:
        print(write_atomic(args.csv, area_csv(records)))
    if args.json:
        print(write_json(args.json, area_json(records, model, failed)))
