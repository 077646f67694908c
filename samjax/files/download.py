"""Downloads of single files: once, with progress, continued where they were cut off, verified.

A download grows under FILE.part and gets its name only when it is complete and its digest fits.
"""

import os
import re
import urllib.error
import urllib.request
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from samjax.console.progress import ProgressBar
from samjax.errors import UserError, one_line
from samjax.files.checksum import checksum

BLOCK = 1 << 20  # bytes
TIMEOUT = 30  # seconds without a byte
MAX_FAILURES = 5  # connections in a row that bring nothing new
NETWORK_ERRORS = (OSError, HTTPException)  # URLError and timeouts are OSErrors
DRIVE = re.compile(r"https://drive\.google\.com/(?:(?:uc|open)\?(?:\S*&)?id=|file/d/)([\w-]+)")
"""The forms in which Google Drive's addresses are published, with the file's id."""


def fetch(url: str, path: Path, digest: str = "", offline: bool = False) -> Path:
    """Return `path`, which holds the file of `url`; download it if it is not there.

    Args:
        url: Where the file is.
        path: Where it shall be; its folder is made.
        digest: "ALGORITHM:START of the hexadecimal digest", or "" if none is known. A file that is
            already there is not verified again.
        offline: Whether the network must not be tried.

    Raises:
        UserError: In one line, why the file cannot be had, and how to get it by hand.
    """
    if path.is_file():
        return path
    by_hand = f"download {url} elsewhere and put it at {path}"
    if offline:
        raise UserError(f"{path.name} is not in the cache and --offline is set; {by_hand}")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    _download(direct(url), part, by_hand)
    if not fits(part, digest):
        part.unlink()
        raise UserError(f"{url} gave bytes whose digest is not {digest}; try again, or {by_hand}")
    os.replace(part, path)
    return path


def direct(url: str) -> str:
    """Return the address of the bytes themselves.

    A Google Drive address as people share it answers with a page that asks to confirm large files;
    this gives the one without. Any other address is returned as it is.
    """
    match = DRIVE.match(url)
    if not match:
        return url
    return f"https://drive.usercontent.google.com/download?id={match[1]}&export=download&confirm=t"


def fits(path: Path, digest: str) -> bool:
    """Return whether a file has a digest, given as for `fetch`; any file has an unknown one."""
    algorithm, _, start = digest.partition(":")
    return not digest or checksum(path, algorithm).startswith(start)


def _download(url: str, part: Path, by_hand: str) -> None:
    """Append to `part` until it is complete, over as many connections as bring something new.

    Args:
        url: The address of the bytes.
        part: The file that grows.
        by_hand: How to get the file without this download; ends the messages.
    """
    failures = 0
    while failures < MAX_FAILURES:
        size_before = _size(part)
        try:
            if _continue(url, part, by_hand):
                return
            problem = "the connection was cut off"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416 and part.exists():
                # No bytes from there on: the part is longer than the file, or the whole of it.
                part.unlink()
            elif error.code < 500:
                raise UserError(f"{url} answers {error.code}; {by_hand}") from error
            problem = f"it answers {error.code}"
        except NETWORK_ERRORS as error:
            if isinstance(error, OSError) and error.filename:  # the disk's, not the network's
                raise
            problem = one_line(getattr(error, "reason", error))
            if isinstance(error, urllib.error.URLError) and not size_before:
                break  # the server cannot be reached at all
        failures = 0 if _size(part) > size_before else failures + 1
    raise UserError(f"cannot download {url}: {problem}; check the network, or {by_hand}")


def _size(part: Path) -> int:
    """Return the bytes that have arrived so far."""
    return part.stat().st_size if part.exists() else 0


def _continue(url: str, part: Path, by_hand: str) -> bool:
    """Append what one connection brings; return whether the file is complete."""
    start = _size(part)
    headers = {"User-Agent": "samjax", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        if response.headers.get_content_type() == "text/html":
            raise UserError(f"{url} answers with a web page (a form or a login?); {by_hand}")
        if response.status != 206 or not _starts_at(response, start):
            start = 0  # the server sends everything again
        length = response.headers.get("Content-Length")
        total = start + int(length) if length and length.isdigit() else None
        return _append(response, part, start, total)


def _append(response: HTTPResponse, part: Path, start: int, total: int | None) -> bool:
    """Write what a server sends to `part` from byte `start` on; return whether `total` is reached.

    Args:
        response: The open answer.
        part: The file, which keeps what it has before `start`.
        start: Where the answer begins.
        total: The size of the whole file in bytes; None if the server does not tell.
    """
    progress = ProgressBar(part.stem, total, initial=start, unit="B")
    with open(part, "r+b" if start else "wb") as file, progress:
        file.seek(start)
        while block := response.read1(BLOCK):
            file.write(block)
            progress.done(len(block))
        return total is None or file.tell() == total


def _starts_at(response: HTTPResponse, start: int) -> bool:
    """Return whether an answer to a request for a range begins where it was asked to."""
    return response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
