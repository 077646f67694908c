"""The files of the page, read once: what is not in the folder cannot be asked for."""

from functools import cache
from importlib.resources import files

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@cache
def page_files() -> dict[str, tuple[bytes, str]]:
    """Return {name: (bytes, media type)} of the files of the page."""
    found = {}
    for file in (files("samjax.ui") / "static").iterdir():
        ending = file.name[file.name.rfind(".") :]
        if ending in TYPES:
            found[file.name] = file.read_bytes(), TYPES[ending]
    return found
