"""The `samjax` command: finds the sub-command, runs it, turns failures into one line.

Exit status: 0 success, 1 failure (one line on standard error), 2 wrong usage.
"""

import argparse
import importlib
import logging
import sys

from samjax.errors import UserError
from samjax.parallel.compilation import keep_compiled_programs

# Each names a module of samjax.commands with `SUMMARY`, `EXAMPLE`, `add_arguments(parser)` and
# `run(args) -> int`. A command's heavy imports stay inside its `run`, so that --help is instant.
COMMANDS = ("prepare", "inspect", "predict", "score", "report", "figure", "pack", "convert")


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="samjax", description="Predict where people look in an image."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        module = importlib.import_module(f"samjax.commands.{name}")
        sub = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=module.SUMMARY,
            epilog=f"example:\n{module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.add_argument("--verbose", action="store_true", help="show tracebacks")
        module.add_arguments(sub)
        sub.set_defaults(run=module.run)
    return parser


def main(argv: list[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    keep_compiled_programs()
    logging.basicConfig(level=logging.DEBUG if args.verbose else logging.WARNING, stream=sys.stderr)
    try:
        return args.run(args)
    except KeyboardInterrupt:
        print("samjax: interrupted; nothing half-written was kept", file=sys.stderr)
        return 130
    except (UserError, OSError) as error:
        if args.verbose:
            raise
        print(f"samjax {args.command}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
