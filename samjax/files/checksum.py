"""Checksums of whole files."""

import hashlib
from pathlib import Path


def sha256(path: Path) -> str:
    return checksum(path, "sha256")


def checksum(path: Path, algorithm: str) -> str:
    """Hexadecimal digest of a file, read in blocks."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
