"""The one exception that stands for a failure which the user can mend."""


class UserError(Exception):
    """A failure told in one line: the value that is wrong, and the remedy.

    Commands print it to standard error without a traceback and exit with 1.
    """
