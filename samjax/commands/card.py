"""`samjax card`: write the model card of weights from the run's own files."""

import argparse
from pathlib import Path

SUMMARY = "Write the model card of weights: data, licences, scores, what they are for."
EXAMPLE = """\
  samjax card runs/osie_small --measure-speed --licence apache-2.0 --output card.md
  samjax card sam-small.safetensors

The card is made of what the work folder holds: its configuration, its evaluations
(experiments.evaluate) and its checkpoint. A converted file has the same facts in its metadata. What
neither tells is called unknown. Without a name, the card of the bundled model is written."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add = parser.add_argument
    add(
        "weights",
        nargs="?",
        metavar="W",
        help="a work folder, a weight file, a published name or hf:OWNER/NAME[@REVISION]",
    )
    add("--output", metavar="FILE.md", help="where to write it (default: the standard output)")
    add("--name", default="", help="of the model (default: the folder's or the file's)")
    add_licence(parser)
    add(
        "--measure-speed",
        action="store_true",
        help="measure how fast it predicts here; of a work folder, keep it there in speed.json",
    )
    add("--offline", action="store_true", help="never download weights, use the cache only")


def add_licence(parser: argparse.ArgumentParser) -> None:
    """Add the option that says on what terms the weights are given away."""
    parser.add_argument(
        "--licence",
        default="",
        metavar="L",
        help="of the weights, as who publishes them decides, such as apache-2.0 (default: as the "
        "source says, or unknown)",
    )


def run(args: argparse.Namespace) -> int:
    """Write the card.

    Raises:
        UserError: The weights cannot be read, or a file of the work folder is damaged.
    """
    from samjax import bundled
    from samjax.console.log import log
    from samjax.files.atomic import write_atomic
    from samjax.prediction.choice import read_choice
    from samjax.prediction.predictor import load_model
    from samjax.prediction.speed import measure
    from samjax.report import card_facts
    from samjax.report.card_page import render

    source = args.weights or bundled.NAME
    weights = read_choice(source, offline=args.offline)
    measured = None
    if args.measure_speed:
        log("measuring the speed of prediction")
        measured = measure(load_model(source, offline=args.offline))
        card_facts.keep_speed(source, measured)
    facts = card_facts.collect(source, weights, name=args.name, licence=args.licence)
    if measured is not None:
        facts["speed"] = measured
    path = Path(source)
    file = bundled.path_of(source) if source in bundled.NAMES else path
    size = file.stat().st_size if file.is_file() else None
    # A file is named without the folder that it happens to be in.
    text = render(facts, weights, use=path.name if path.is_file() else source, size=size)
    if not args.output:
        print(text, end="")
        return 0
    print(write_atomic(args.output, text))
    return 0
