"""Finding a file by a name that someone wrote elsewhere, perhaps on another system."""

import re
import unicodedata
from collections.abc import Callable, Iterable


def plain_name(name: str) -> str:
    """Return a name in the composed form of Unicode; files copied from a Mac have the other one."""
    return unicodedata.normalize("NFC", name)


def is_readable(name: str) -> bool:
    """Return whether the bytes of a name on disk are text in UTF-8."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def shown(name: str) -> str:
    """Return a name as it can be printed, whatever its bytes are."""
    # Bytes that are no text arrive from the system as half of a pair of code points.
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _path(name: str) -> str:
    # Tables that were made under Windows have its separator.
    path = plain_name(name).replace("\\", "/")
    return re.sub(r"^(\./|images/|stimuli/)+", "", path, flags=re.IGNORECASE)


def _small(name: str) -> str:
    return _path(name).casefold()


def _stem(name: str) -> str:
    return re.sub(
        r"\.(jpe?g?|jfif|png|bmp|tiff?|webp|gif|p[gpn]m|jp2|tga|avif|hei[cf])$", "", _small(name)
    )


def _last(name: str) -> str:
    return _small(name).rsplit("/", 1)[-1]


def _last_stem(name: str) -> str:
    return _stem(name).rsplit("/", 1)[-1]


# From the strictest to the most lenient. A later one counts only where it fits one name alone.
KEYS: tuple[Callable[[str], str], ...] = (str, plain_name, _path, _small, _stem, _last, _last_stem)


class Names:
    """Names of files, found by what others call them.

    A name is found as it is, in another form of Unicode, with other separators, with `images/`
    before it, in other capitals, without its ending or without its folders: always where just one
    file fits.

    Args:
        names: The names that there are.
    """

    def __init__(self, names: Iterable[str]) -> None:
        """Index the names by each of KEYS."""
        names = list(names)
        self._index: list[dict[str, list[str]]] = []
        for key in KEYS:
            by_key: dict[str, list[str]] = {}
            for name in names:
                by_key.setdefault(key(name), []).append(name)
            self._index.append(by_key)

    def find(self, name: str) -> list[str]:
        """Return the names that fit best: one, none, or several among which nothing decides."""
        for key, by_key in zip(KEYS, self._index, strict=True):
            if fitting := by_key.get(key(name)):
                return fitting
        return []
