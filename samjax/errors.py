"""The one exception that stands for a failure which the user can mend."""


class UserError(Exception):
    """A failure told in one line, with the value that is wrong and the remedy.

    Commands print it to standard error without a traceback and exit with 1.
    """


def one_line(error: Exception | str) -> str:
    """Return an error's message without line breaks, or its type's name where it has none."""
    return " ".join(str(error).split()) or type(error).__name__
