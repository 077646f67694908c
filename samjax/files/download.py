"""Downloads files, once: with progress, going on where it was cut off, verified.

A download grows under FILE.part and gets its name only when it is complete and its digest fits.
"""

import os
import re
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path

from tqdm import tqdm

from samjax.errors import UserError, one_line
from samjax.files.checksum import checksum

BLOCK = 1 << 20  # bytes
TIMEOUT = 30  # seconds without a byte
ATTEMPTS = 5  # connections in a row that bring nothing new
NETWORK_ERRORS = (OSError, HTTPException)  # URLError and timeouts are OSErrors
DRIVE = re.compile(r"https://drive\.google\.com/(?:(?:uc|open)\?(?:\S*&)?id=|file/d/)([\w-]+)")


def fetch(url: str, path: Path, digest: str = "", offline: bool = False) -> Path:
    """The file of `url` as `path`, downloaded if it is not there.

    digest: "ALGORITHM:START of the hexadecimal digest", or "" if none is known.
    offline: never try the network. Raises UserError in one line if the file cannot be had.
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
    """Where a Google Drive file is given without the page that asks to confirm large ones; any
    other address as it is."""
    found = DRIVE.match(url)
    if not found:
        return url
    return f"https://drive.usercontent.google.com/download?id={found[1]}&export=download&confirm=t"


def fits(path: Path, digest: str) -> bool:
    """Whether the file has this digest; any file has an unknown one."""
    algorithm, _, start = digest.partition(":")
    return not digest or checksum(path, algorithm).startswith(start)


def _download(url: str, part: Path, by_hand: str) -> None:
    """Appends to `part` until it is complete, over as many connections as bring something new."""
    failures = 0
    while failures < ATTEMPTS:
        before = _size(part)
        try:
            if _continue(url, part, by_hand):
                return
            problem = "the connection was cut off"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416 and part.exists():  # the part is longer than the file, or whole
                part.unlink()
            elif error.code < 500:
                raise UserError(f"{url} answers {error.code}; {by_hand}") from error
            problem = f"it answers {error.code}"
        except NETWORK_ERRORS as error:
            if isinstance(error, OSError) and error.filename:  # the disk's, not the network's
                raise
            problem = one_line(getattr(error, "reason", error))
            if isinstance(error, urllib.error.URLError) and not before:
                break
        failures = 0 if _size(part) > before else failures + 1
    raise UserError(f"cannot download {url}: {problem}; check the network, or {by_hand}")


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _continue(url: str, part: Path, by_hand: str) -> bool:
    """One connection: appends what it brings; whether the file is complete."""
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
        with (
            open(part, "r+b" if start else "wb") as file,
            tqdm(
                desc=part.stem, initial=start, total=total, unit="B", unit_scale=True, mininterval=1
            ) as bar,
        ):
            file.seek(start)
            while block := response.read1(BLOCK):
                file.write(block)
                bar.update(len(block))
            return total is None or file.tell() == total


def _starts_at(response, start: int) -> bool:
    return response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
