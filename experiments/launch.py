"""What every program here shares: flags in, one line on failure, the exit status."""

import os
import sys
from collections.abc import Callable

from absl import app, flags, logging

from samjax.errors import UserError
from samjax.parallel.compilation import keep_compiled_programs

_VERBOSE = flags.DEFINE_bool("verbose", False, "Show tracebacks.")


def launch(run: Callable[[], None]) -> None:
    """Parses the flags and calls `run`. Exit status: 0 success, 1 failure, 2 wrong usage."""
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
            print(f"error: {_line(error)}", file=sys.stderr)
            sys.exit(1)
        except KeyboardInterrupt:
            print("interrupted; the same command goes on from the checkpoint", file=sys.stderr)
            sys.exit(130)

    app.run(main, flags_parser=_parse)


def _parse(argv: list[str]) -> list[str]:
    try:
        return flags.FLAGS(argv)
    except (flags.Error, AttributeError, KeyError, TypeError, ValueError, OSError) as error:
        # Unknown or ill-typed config fields arrive as these, not as flag errors.
        print(f"{_line(error)}; see --help", file=sys.stderr)
        sys.exit(2)


def _line(error: Exception) -> str:
    """The message in one line, without the quotes of a KeyError that a flag error wraps."""
    text = str(error).replace("\\n", " ").replace("\\'", "'")
    return " ".join(text.split()).strip("'")
