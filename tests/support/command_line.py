"""The command line of the experiments in this process: what it makes of its arguments."""

import contextlib
import io
import warnings

from absl import flags
from ml_collections import ConfigDict, config_flags

from experiments import launch


class Refused(Exception):
    """The command line ended the program, with a status and a message."""


def config_of(*arguments: str) -> ConfigDict:
    """The configuration that a program gets from these arguments.

    Raises:
        Refused: With the status and what was printed.
    """
    argv = ["experiments.train", *arguments]
    values = flags.FlagValues()
    config_flags.DEFINE_config_file("config", None, "", flag_values=values, sys_argv=argv)
    printed = io.StringIO()
    try:
        with contextlib.redirect_stderr(printed), warnings.catch_warnings():
            # ml_collections loads the file in a way that Python 3.12 has no more.
            warnings.simplefilter("ignore", DeprecationWarning)
            rest = launch.parse(argv, values)
    except SystemExit as end:
        raise Refused(end.code, printed.getvalue()) from end
    assert rest == argv[:1], rest
    return values.config
