"""samjax pack: saliency maps -> a file that a benchmark accepts."""

import argparse
from pathlib import Path

from samjax.commands.score import add_map_options, map_options

SUMMARY = "Pack saliency maps for submission to a benchmark."
EXAMPLE = """\
  samjax pack --benchmark tuebingen --maps saliency/ --images MIT300/ --output mit300.h5

writes one HDF5 file of log densities, float32, named like the images (MIT300, CAT2000,
COCO-Freeview). `--benchmark salicon`: a zip of PNGs; `--benchmark cat2000`: a zip of PNGs in the
folders of the categories. Grey levels and densities have no exact zeros."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to its parser."""
    add = parser.add_argument
    kinds = ("tuebingen", "salicon", "cat2000")
    add("--benchmark", required=True, choices=kinds, help="who is to score them")
    add("--maps", required=True, metavar="DIR", help="the maps, DIR/STEM.*, best as .npy")
    add("--images", required=True, metavar="DIR", help="the benchmark's images: names and sizes")
    add("--output", required=True, metavar="FILE", help="the file to write")
    add_map_options(parser)


def run(args: argparse.Namespace) -> int:
    """Pack the maps, print the name of the file, and return the exit status."""
    from samjax.console.log import log
    from samjax.evaluation.submission import pack

    folders = Path(args.maps), Path(args.images), Path(args.output)
    names = pack(args.benchmark, *folders, map_options(args))
    log(f"packed {len(names)} maps, the first is {names[0]}")
    print(args.output)
    return 0
