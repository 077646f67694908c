"""The start of every program here: it parses flags, and turns a failure into one line."""

import os
import sys
from collections.abc import Callable

from absl import app, flags, logging

from experiments.config_files import with_found_configs
from samjax.errors import UserError
from samjax.parallel.compilation import keep_compiled_programs
from samjax.parallel.cores import give_threads
from samjax.parallel.stop_signals import ending
from samjax.parallel.surroundings import told

_VERBOSE = flags.DEFINE_bool("verbose", False, "Show tracebacks.")


def launch(run: Callable[[], None]) -> None:
    """Parse the flags and call `run`, then exit.

    The exit status is 0 on success, 1 on a failure (one line on standard error), 2 on wrong usage,
    and 128 + the number of a signal that asks to stop: 130 for Ctrl-C, 143 for SIGTERM.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    keep_compiled_programs()
    give_threads()

    def main(argv: list[str]) -> None:
        logging.set_verbosity(logging.WARNING)
        if len(argv) > 1:
            print(f"unexpected argument {argv[1]!r}; see --help", file=sys.stderr)
            sys.exit(2)
        try:
            with told():
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
    return parse(argv, flags.FLAGS)


def parse(argv: list[str], flag_values: flags.FlagValues) -> list[str]:
    """Return the arguments that are no flags; exit with 2 where a flag is wrong.

    Args:
        argv: The name of the program and its arguments.
        flag_values: The flags that there are; they get the values of the arguments.
    """
    try:
        spelt = with_underscores(argv, flag_values)
        return flag_values(last_of_each_field(with_found_configs(spelt)))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except (flags.Error, AttributeError, KeyError, TypeError, ValueError, OSError) as error:
        # Unknown or ill-typed config fields arrive as these, not as flag errors.
        print(_wrong_field(argv) or f"{_one_line(error)}; see --help", file=sys.stderr)
        sys.exit(2)


def with_underscores(argv: list[str], flag_values: flags.FlagValues) -> list[str]:
    """Return the arguments with the dashes within a flag's name as absl has them, underscores.

    So --debug-nans is --debug_nans. What is no flag, or stands behind a lone --, is left alone.
    """
    end = argv.index("--") if "--" in argv else len(argv)
    found = list(argv)
    for i, argument in enumerate(argv[1:end], 1):
        name, equals, value = argument.partition("=")
        known = name[2:].replace("-", "_")
        if name.startswith("--") and known in flag_values:
            found[i] = f"--{known}{equals}{value}"
    return found


def last_of_each_field(argv: list[str]) -> list[str]:
    """Return the arguments without those `--config.FIELD=VALUE` that a later one replaces.

    So the last value counts for every field. Without this it would for numbers and texts, but a
    tuple that is given twice would be both tuples, one after the other.
    """
    end = argv.index("--") if "--" in argv else len(argv)
    later: set[str] = set()
    kept = argv[end:]
    for argument in reversed(argv[:end]):
        name, equals, _ = argument.lstrip("-").partition("=")
        if argument.startswith("-") and equals and name.startswith("config."):
            if name in later:
                continue
            later.add(name)
        kept.insert(0, argument)
    return kept


def _wrong_field(argv: list[str]) -> str:
    """Return a line about the first argument that names no field of the config, or ""."""
    names = [arg.lstrip("-").partition("=")[0] for arg in argv if arg.startswith("-")]
    fields = [name.removeprefix("config.") for name in names if name.startswith("config.")]
    if not fields:
        return ""
    # Only here: a program without a config runs where ml_collections is not installed.
    from samjax.training.config_file import RENAMED

    for field in fields:
        if field in RENAMED:
            return f"--config.{field} is called --config.{RENAMED[field]} now"
    from samjax.training.config_check import unknown_field  # takes seconds

    return next(filter(None, map(unknown_field, fields)), "")


def _one_line(error: Exception) -> str:
    """Return the message in one line, without the quotes of a KeyError that a flag error wraps."""
    text = str(error).replace("\\n", " ").replace("\\'", "'")
    return " ".join(text.split()).strip("'")
