"""`samjax convert`: write foreign weights as .safetensors with our names, or back."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from samjax.commands.card import add_licence
from samjax.errors import UserError

if TYPE_CHECKING:
    from samjax.weights import Pretrained

SUMMARY = (
    "Convert weights (the original's, Keras', torchvision's, a run's) to .safetensors, or back."
)
EXAMPLE = """\
  samjax convert sam-resnet_salicon sam-resnet.safetensors
  samjax convert sam-resnet.safetensors sam-resnet.pkl
  samjax convert runs/osie_small osie-small.safetensors --dtype float16 --licence apache-2.0

The first downloads the released file once and converts it; the second writes it back in the
original's layout, bit for bit. The third writes a run's best checkpoint as one file of half the
size, with all that `samjax card` shows in its metadata. Names that can be downloaded:
sam-vgg_salicon, sam-resnet_salicon, sam-resnet_salicon2017, imagenet-vgg16, imagenet-resnet50,
torchvision-vgg16, torchvision-resnet50. No pickle is ever executed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add = parser.add_argument
    add(
        "source",
        metavar="SOURCE",
        help="a weight file, a work folder, a published name or hf:OWNER/NAME[@REVISION]",
    )
    add("destination", metavar="DESTINATION", help="FILE.safetensors; FILE.pkl: original's layout")
    add(
        "--dtype",
        default="float32",
        metavar="T",
        help="of the kernels in a .safetensors: float32, or float16, half as large (%(default)s)",
    )
    add_licence(parser)
    add("--offline", action="store_true", help="never download, use the cache only")


def run(args: argparse.Namespace) -> int:
    """Convert a weight file, and print what it holds.

    Raises:
        UserError: The source cannot be read, or the destination cannot hold it.
    """
    from dataclasses import replace

    from samjax.prediction.choice import read_choice
    from samjax.report.card_facts import collect, stored_as

    destination = Path(args.destination)
    if destination.exists() and Path(args.source).exists() and destination.samefile(args.source):
        raise UserError(f"{destination} is the source itself; name another destination")
    loaded = read_choice(args.source, offline=args.offline)
    card = collect(args.source, loaded, name=destination.stem, licence=args.licence)
    _save(destination, replace(loaded, card=stored_as(card, args.dtype)), args.dtype)
    num_values = sum(array.size for array in loaded.flat().values())
    fields = ", ".join(f"{name}={value}" for name, value in sorted(loaded.model.items()))
    print(f"{destination}: {loaded.kind} of {num_values:,} values from {loaded.origin} ({fields})")
    print(f"sha256 of the source: {loaded.sha256}", file=sys.stderr)
    return 0


def _save(destination: Path, loaded: Pretrained, dtype: str) -> None:
    """Write weights to a file that this version reads again, or leave nothing.

    Raises:
        UserError: The file could not be read again, so there is no use in it.
    """
    from samjax import weights

    if not destination.parent.is_dir():
        raise UserError(f"{destination.parent}: no such folder; create it first")
    # The ending tells the format, so it is the folder that is temporary.
    with tempfile.TemporaryDirectory(prefix=".samjax-", dir=destination.parent) as name:
        written = Path(name) / destination.name
        weights.save(written, loaded, dtype)
        try:
            weights.load(written)
        except UserError as error:
            problem = str(error).removeprefix(f"{written}: ")
            raise UserError(f"{loaded.origin} cannot be converted: {problem}") from error
        os.replace(written, destination)
