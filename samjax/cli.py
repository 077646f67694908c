"""The `samjax` command: finds the sub-command, runs it, turns failures into one line.

Exit status: 0 success, 1 failure (one line on standard error), 2 wrong usage.
"""

import argparse
import atexit
import codecs
import gc
import importlib
import io
import os
import sys
from collections.abc import Sequence

from samjax.errors import UserError, without_controls

# {command: its module in samjax.commands}, in the order of --help. Each module has `SUMMARY`,
# `EXAMPLE`, `add_arguments(parser)` and `run(args) -> int`. A command's heavy imports stay inside
# its `run`, so that --help is instant.
COMMANDS = {
    "prepare": "prepare",
    "inspect": "inspect_dataset",
    "predict": "predict",
    "areas": "areas",
    "compare": "compare",
    "crop": "crop",
    "ui": "ui",
    "score": "score",
    "report": "report",
    "figure": "figure",
    "pack": "pack",
    "convert": "convert",
    "card": "card",
    "push": "push",
}


GARBAGE = 300_000
"""How many more objects than before there may be until Python looks for garbage."""

ON_DEVICES = ("predict", "ui", "score", "report", "figure", "convert", "card", "push")
"""The commands that compute with JAX."""


class VersionAction(argparse.Action):
    """Prints the version and stops; it is looked up only then, because that takes a while."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        """Print the version of the installed package and exit with 0."""
        import samjax

        print(f"samjax {samjax.__version__}")
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line, with a sub-parser for each command."""
    parser = argparse.ArgumentParser(
        prog="samjax", description="Predict where people look in an image."
    )
    parser.add_argument("--version", action=VersionAction, nargs=0, help="show the version")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module_name in COMMANDS.items():
        module = importlib.import_module(f"samjax.commands.{module_name}")
        command = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=module.SUMMARY,
            epilog=f"example:\n{module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_argument("--verbose", action="store_true", help="show tracebacks")
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return parser


def with_dashes(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with long options spelled with dashes: `--data_dir=D` as `--data-dir=D`.

    Options had underscores once, and scripts may still write them so. Values, and everything
    behind a bare `--`, stay as they are.
    """
    spelled = []
    options_end = False
    for argument in arguments:
        options_end = options_end or argument == "--"
        if argument.startswith("--") and not options_end:
            option, equals, value = argument.partition("=")
            argument = option.replace("_", "-") + equals + value
        spelled.append(argument)
    return spelled


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Args:
        argv: The arguments without the program's name; those of the process if None.
    """
    # To import JAX makes hundreds of thousands of objects that stay, through which Python would
    # search for garbage a hundred times: a fifth of a second; and once more at its end, a tenth.
    gc.set_threshold(GARBAGE)
    atexit.register(gc.freeze)
    _print_any_name()
    args = build_parser().parse_args(with_dashes(sys.argv[1:] if argv is None else argv))
    _set_up(args.verbose)
    from samjax.parallel.surroundings import PLATFORMS, check_platform, told

    try:
        if args.command in ON_DEVICES and os.environ.get(PLATFORMS, "cpu") != "cpu":
            check_platform()
        with told():
            return args.run(args)
    except KeyboardInterrupt:
        print("samjax: interrupted; nothing half-written was kept", file=sys.stderr)
        return 130
    except (UserError, OSError) as error:
        if args.verbose:
            raise
        print(f"samjax {args.command}: {without_controls(str(error))}", file=sys.stderr)
        return 1


def _print_any_name() -> None:
    """Let names of files be printed that are no UTF-8, or that the terminal has no letters for."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="samjax")


def _as_bytes(error: UnicodeError) -> tuple[bytes, int]:
    """Return the bytes of a name's part that cannot be encoded; other letters as Python does."""
    assert isinstance(error, UnicodeEncodeError)
    part = error.object[error.start : error.end]
    try:
        return part.encode("ascii", "surrogateescape"), error.end
    except UnicodeEncodeError:
        return part.encode("ascii", "backslashreplace"), error.end


codecs.register_error("samjax", _as_bytes)


def _set_up(verbose: bool) -> None:
    """Prepare the process for a command: logging, and where compiled programs are kept."""
    # Imported here because --help does without them.
    import logging

    from samjax.parallel.compilation import keep_compiled_programs

    # Before JAX is imported, which reads the variables that this sets.
    keep_compiled_programs()
    logging.basicConfig(level=logging.DEBUG if verbose else logging.WARNING, stream=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
