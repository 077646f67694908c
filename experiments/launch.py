"""The start of every program here: it parses flags, and turns a failure into one line."""

import os
import sys
from collections.abc import Callable

from absl import app, flags, logging

from samjax.errors import UserError
from samjax.parallel.compilation import keep_compiled_programs
from samjax.parallel.stop_signals import ending
from samjax.training.config_file import RENAMED

_VERBOSE = flags.DEFINE_bool("verbose", False, "Show tracebacks.")


def launch(run: Callable[[], None]) -> None:
    """Parse the flags and call `run`, then exit.

    The exit status is 0 on success, 1 on a failure (one line on standard error), 2 on wrong usage,
    and 128 + the number of a signal that asks to stop: 130 for Ctrl-C, 143 for SIGTERM.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    keep_compiled_programs()

    def main(argv: list[str]) -> None:
        logging.set_verbosity(logging.WARNING)
        if len(argv) > 1:
            print(f"unexpected argument {argv[1]!r}; see --help", file=sys.stderr)
            sys.exit(2)
        try:
            run()
        except (UserError, OSError) as error:
            if _VERBOSE.value:
                raise
            print(f"error: {_one_line(error)}", file=sys.stderr)
            sys.exit(1)
        except KeyboardInterrupt:
            print("interrupted; the same command goes on from the checkpoint", file=sys.stderr)
            sys.exit(130)

    with ending("stops; give the same command again to go on"):
        app.run(main, flags_parser=_parse)


def _parse(argv: list[str]) -> list[str]:
    """Return the arguments that are no flags; exit with 2 where a flag is wrong."""
    try:
        return flags.FLAGS(argv)
    except (flags.Error, AttributeError, KeyError, TypeError, ValueError, OSError) as error:
        # Unknown or ill-typed config fields arrive as these, not as flag errors.
        print(_renamed(argv) or f"{_one_line(error)}; see --help", file=sys.stderr)
        sys.exit(2)


def _renamed(argv: list[str]) -> str:
    """Return a line that names today's name of a config field that is given by a former one."""
    for argument in argv:
        field = argument.lstrip("-").partition("=")[0].removeprefix("config.")
        if field in RENAMED:
            return f"--config.{field} is called --config.{RENAMED[field]} now"
    return ""


def _one_line(error: Exception) -> str:
    """Return the message in one line, without the quotes of a KeyError that a flag error wraps."""
    text = str(error).replace("\\n", " ").replace("\\'", "'")
    return " ".join(text.split()).strip("'")
