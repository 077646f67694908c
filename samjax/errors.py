"""The one exception that stands for a failure which the user can mend, and how it is told."""

from collections.abc import Iterable
from difflib import get_close_matches

MAX_LINE = 1500  # characters of a message; a name of a file may have 255
END = 400  # of them, how many are its end


class UserError(Exception):
    """A failure told in one line, with the value that is wrong and the remedy.

    Commands print it to standard error without a traceback and exit with 1.
    """

    def __str__(self) -> str:
        """Return the message in one line, whatever the names and texts in it hold."""
        return shortened(without_controls(super().__str__()))


def without_controls(text: str) -> str:
    """Return a text with its line breaks and other control characters as Python writes them."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or "\udc80" <= c <= "\udcff" else repr(c)[1:-1] for c in text
    )


def one_line(error: Exception | str) -> str:
    """Return an error's message in one line, or its type's name where it has none.

    It may quote what a damaged file holds, so it is shortened.
    """
    return shortened(without_controls(" ".join(str(error).split())) or type(error).__name__)


def shortened(line: str) -> str:
    """Return a line of at most `MAX_LINE` characters: its beginning, and the remedy at its end."""
    if len(line) <= MAX_LINE:
        return line
    return f"{line[: MAX_LINE - END - 5]} ... {line[-END:]}"


def check_name(what: str, name: object, known: Iterable[str]) -> None:
    """Check that a name is one of those that the program knows.

    Args:
        what: What has the name, such as "readout".
        name: The name.
        known: All names that there are.

    Raises:
        UserError: It is none of them. The message has the most similar one as a suggestion.
    """
    names = tuple(known)
    if isinstance(name, str) and name in names:
        return
    raise UserError(f"{what}={name!r} is unknown{suggestion(name, names)}; use {listed(names)}")


def suggestion(name: object, known: Iterable[str]) -> str:
    """Return " (did you mean ...?)" with the known name that is most similar to one, or ""."""
    similar = get_close_matches(name, tuple(known), n=1) if isinstance(name, str) else []
    return f" (did you mean {similar[0]}?)" if similar else ""


def listed(names: Iterable[str]) -> str:
    """Return names as in "a, b or c"."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
