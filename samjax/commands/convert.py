"""samjax convert: foreign weights -> .safetensors in our naming, and back to the original's."""

import argparse
import sys
from pathlib import Path

from samjax.errors import UserError

SUMMARY = (
    "Convert weights (the original's, Keras', torchvision's, a run's) to .safetensors, or back."
)
EXAMPLE = """\
  samjax convert sam-resnet_salicon sam-resnet.safetensors
  samjax convert sam-resnet.safetensors sam-resnet.pkl

The first downloads the released file once and converts it; the second writes it back in the
original's layout, bit for bit. Names that can be downloaded: sam-vgg_salicon, sam-resnet_salicon,
sam-resnet_salicon2017, imagenet-vgg16, imagenet-resnet50, torchvision-vgg16, torchvision-resnet50.
No pickle is ever executed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("source", metavar="SOURCE", help="a weight file, a work folder or a published name")
    add("destination", metavar="DESTINATION", help="FILE.safetensors; FILE.pkl: original's layout")
    add("--offline", action="store_true", help="never download, use the cache only")


def run(args: argparse.Namespace) -> int:
    from samjax import weights
    from samjax.training.restore import read_weights

    destination = Path(args.destination)
    if destination.exists() and Path(args.source).exists() and destination.samefile(args.source):
        raise UserError(f"{destination} is the source itself; name another destination")
    loaded = read_weights(args.source, offline=args.offline)
    weights.save(destination, loaded)
    size = sum(a.size for a in loaded.flat().values())
    fields = ", ".join(f"{k}={v}" for k, v in sorted(loaded.model.items()))
    print(f"{destination}: {loaded.kind} of {size:,} values from {loaded.origin} ({fields})")
    print(f"sha256 of the source: {loaded.sha256}", file=sys.stderr)
    return 0
