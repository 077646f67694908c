"""`samjax ui`: a local page to try everything on, and its HTTP interface."""

from __future__ import annotations

import argparse

from samjax.commands.area_options import add_weights
from samjax.commands.photo_options import positive

SUMMARY = "Open a local page: drop a picture, see the map, draw areas, compare, crop."
EXAMPLE = """\
  samjax ui --open
  samjax ui --port 9000 --weights runs/demo

The first serves the page at http://127.0.0.1:8765/ for this computer alone, and opens it in the
browser. The same server answers programs: curl -F file=@photo.jpg http://127.0.0.1:8765/predict
(and /areas, /compare, /crop, /health; /docs describes them). Nothing is stored after an answer, and
nothing leaves this computer. Ctrl-C ends it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add = parser.add_argument
    add(
        "--host",
        default="127.0.0.1",
        metavar="H",
        help="the address to listen at (%(default)s: this computer alone; there is no login)",
    )
    add(
        "--port",
        type=port,
        default=8765,
        metavar="N",
        help="the port to listen at (%(default)s; 0: any free one)",
    )
    add("--open", action="store_true", help="open the page in the browser")
    add(
        "--queue",
        type=positive,
        default=32,
        metavar="N",
        help="requests that are in work or wait; more are refused at once (%(default)s)",
    )
    add(
        "--max-pixels",
        type=positive,
        metavar="N",
        help="of a picture; larger ones are refused before they take memory (33554432)",
    )
    add_weights(parser)


def port(text: str) -> int:
    """Return the port that an argument names; argparse reports another number as wrong usage."""
    value = int(text)
    if not 0 <= value < 2**16:
        raise argparse.ArgumentTypeError(f"{value} is no port; give 0 to 65535")
    return value


def run(args: argparse.Namespace) -> int:
    """Serve the page until it is interrupted.

    Returns:
        0.

    Raises:
        UserError: The extra is not installed, the address is taken, or the weights cannot be read.
    """
    from samjax.ui.limits import Limits
    from samjax.ui.server import Address, bind, check_installed, serve

    check_installed()
    # Before the model is loaded: a port that is taken should be told at once.
    with bind(Address(args.host, args.port)) as listening:
        # Imported only now: JAX takes a while.
        from samjax.prediction.predictor import load_model

        limits = Limits()
        if args.max_pixels:
            limits = limits._replace(pixels=args.max_pixels)
        model = load_model(args.weights, offline=args.offline)
        serve(model, listening, args.host, limits, args.queue, args.open)
    return 0
