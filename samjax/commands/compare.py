"""`samjax compare`: how attention moved between two versions of a design."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from samjax.commands.area_options import NOWHERE, plan_drawings, read_for
from samjax.commands.compare_options import AUGMENTATIONS, add_arguments
from samjax.errors import UserError, one_line

if TYPE_CHECKING:  # they take NumPy and JAX, which are imported only where they are needed
    from samjax.analysis.area import Area
    from samjax.analysis.comparison import AreaDifference
    from samjax.analysis.variants import Variant
    from samjax.analysis.versions import Versions
    from samjax.prediction.predictor import Predictor

__all__ = ["EXAMPLE", "SUMMARY", "add_arguments", "run"]

SUMMARY = "Compare two versions of a picture: where attention moved, and what each area gained."
EXAMPLE = """\
  samjax compare old.png new.png --areas areas.csv --output moved
  samjax compare old/ new/ --areas areas.csv --fail-if 'cta < 0.10' --fail-if 'logo drops 2%'

The first prints each area's share of attention before and after, with the interval of the
difference, and writes moved/new_difference.npy (float32 [height, width] of the first picture; its
sum is 0) and moved/new_difference.png (blue: less, orange: more). The second compares folders by
name, and ends with status 3 if a condition is met. The interval is the spread over mirrored,
smaller, shifted, brighter and darker showings of both pictures, or over several --weights."""

FAILED = 3
"""The exit status where a condition is met."""


class _Task(NamedTuple):
    """What is done with every pair."""

    models: list[Predictor]
    variants: list[Variant]
    areas: list[Area]
    origin: str
    drawings: dict[Path, Path]
    max_pixels: int | None


def run(args: argparse.Namespace) -> int:
    """Compare all pairs, print the tables, write the files, and check the conditions.

    Returns:
        0; 3 where a condition is met; or else 1 where a pair failed, though the others are
        compared then, too.

    Raises:
        UserError: The arguments are wrong, or the areas or the weights cannot be read.
    """
    from samjax.analysis.conditions import reasons
    from samjax.analysis.versions import pair_versions
    from samjax.console.log import log
    from samjax.console.progress import track

    output = Path(args.output) if args.output else NOWHERE
    pairs, failed, notes = pair_versions(Path(args.before), Path(args.after), output)
    for note in notes:
        log(note)
    task = _prepare(args, pairs, output)
    records: list[dict[str, Any]] = []
    met: list[str] = []
    for versions in track(pairs, len(pairs), "comparing"):
        try:
            record, found = _compare(task, versions)
        except (UserError, OSError, MemoryError) as error:
            failed.append((versions.after.path, one_line(error)))
            continue
        records.append(record)
        met += reasons(args.fail_if, versions.after.path, found)
    _write(args, records, met, failed, [model.origin for model in task.models])
    for path, reason in failed:
        log(f"samjax compare: {reason if str(path) in reason else f'{path}: {reason}'}")
    for reason in met:
        log(f"samjax compare: failed: {reason}")
    if met:
        return FAILED
    return 1 if failed else 0


def _prepare(args: argparse.Namespace, pairs: list[Versions], output: Path) -> _Task:
    """Read the areas, check the conditions, and load the models."""
    from samjax.analysis.area import grid
    from samjax.analysis.comparison_report import interval_origin
    from samjax.analysis.conditions import check_areas
    from samjax.analysis.variants import draw_variants

    sources = args.weights or [None]
    if len(sources) > 1 and args.augmentations:
        raise UserError(
            f"--augmentations={args.augmentations} with several --weights: the interval is the "
            "spread over one of them; leave the other out"
        )
    pictures = [photo.path for pair in pairs for photo in pair]
    areas = read_for(pictures, args.areas)[0] if args.areas else grid(*(args.grid or (3, 3)))
    check_areas(args.fail_if, _names(areas, pairs))
    drawings = _plan(pairs, output) if args.output else {}
    # Imported only now: JAX takes a while, and a wrong file should be told at once.
    from samjax.prediction.predictor import load_model

    models = [load_model(source, offline=args.offline) for source in sources]
    count = AUGMENTATIONS if args.augmentations is None else args.augmentations
    variants = draw_variants(0 if len(models) > 1 else count, args.seed)
    origin = interval_origin(list(map(str, sources)), len(variants), args.seed)
    return _Task(models, variants, areas, origin, drawings, args.max_pixels)


def _plan(pairs: list[Versions], output: Path) -> dict[Path, Path]:
    """Return {second version: the file to draw the difference in}.

    Raises:
        UserError: It would replace a picture of the first versions.
    """
    drawings = plan_drawings([pair.after for pair in pairs], output, "_difference")
    inputs = {pair.before.path.resolve() for pair in pairs}
    for path in drawings.values():
        if path.resolve() in inputs:
            raise UserError(f"{path} is an input and would be replaced; choose another --output")
    return drawings


def _names(areas: list[Area], pairs: list[Versions]) -> list[str]:
    """Return the names of all areas that both versions of some picture have."""
    from samjax.analysis.versions import areas_of_versions

    return [area.name for pair in pairs for area in areas_of_versions(areas, pair, (1, 1)).before]


def _compare(task: _Task, versions: Versions) -> tuple[dict[str, Any], list[AreaDifference]]:
    """Compare one pair, print its table, and write its map; return its record and its areas."""
    import numpy as np

    from samjax.analysis.comparison_report import comparison_record, comparison_table
    from samjax.analysis.versions import areas_of_versions, compare_pictures
    from samjax.console.log import log
    from samjax.files.array_file import write_array
    from samjax.pictures.differences import difference_picture
    from samjax.pictures.encoding import write_picture
    from samjax.prediction.photo import read_pixels

    before, after = (read_pixels(photo.path, task.max_pixels) for photo in versions)
    areas = areas_of_versions(task.areas, versions, before.shape[:2])
    for note in areas.notes:
        log(note)
    comparison = compare_pictures(task.models, before, after, areas, task.variants)
    print(comparison_table(versions, comparison, task.origin))
    drawing = task.drawings.get(versions.after.path)
    if drawing is not None:
        values = comparison.difference.astype(np.float32)
        print(write_array(drawing.with_suffix(".npy"), values))
        print(write_picture(drawing, difference_picture(before, values)))
    return comparison_record(versions, comparison, task.origin), comparison.areas


def _write(
    args: argparse.Namespace,
    records: list[dict[str, Any]],
    met: list[str],
    failed: list[tuple[Path, str]],
    models: list[str],
) -> None:
    """Write the CSV and the JSON that were asked for, and print their names."""
    from samjax.analysis.comparison_report import comparison_csv, comparison_json
    from samjax.files.atomic import write_atomic
    from samjax.files.json_file import write_json

    if args.csv:
        print(write_atomic(args.csv, comparison_csv(records)))
    if args.json:
        print(write_json(args.json, comparison_json(records, models, met, failed)))
