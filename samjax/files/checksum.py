"""Checksums of whole files."""

import hashlib
from pathlib import Path


def sha256(path: Path) -> str:
    """Return the SHA-256 digest of a file in hexadecimal."""
    return checksum(path, "sha256")


def checksum(path: Path, algorithm: str) -> str:
    """Return the digest of a file in hexadecimal; the file is read in blocks.

    Args:
        path: The file.
        algorithm: A name that `hashlib` knows, such as "md5".
    """
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
