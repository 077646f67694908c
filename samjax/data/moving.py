"""Which files move: videos, and pictures of several frames that are shown one after the other."""

from pathlib import Path

from PIL import Image

VIDEO_ENDINGS = frozenset(
    f".{name}"
    for row in (
        ("mp4", "m4v", "mov", "qt", "3gp", "3g2", "mkv", "webm", "avi", "wmv", "asf", "flv"),
        ("mpg", "mpeg", "mpe", "m2v", "mts", "m2ts", "vob", "ogv", "mxf", "y4m"),
    )
    for name in row
)
"""The endings of videos."""

ANIMATED = ("GIF", "WEBP", "PNG", "AVIF")
"""Pillow's names of the formats that may hold an animation. (The pages of a TIFF are none.)"""
HEAD = 4096  # bytes; what tells of an animation stands before the first frame
MP4_PICTURES = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif")


def is_video(path: Path) -> bool:
    """Return whether a file is a video, by its ending or else by its first bytes."""
    if path.suffix.lower() in VIDEO_ENDINGS:
        return True
    head = _head(path)
    is_mp4 = head[4:8] == b"ftyp" and head[8:12] not in (*MP4_PICTURES, b"avis")
    is_avi = head[:4] == b"RIFF" and head[8:12] == b"AVI "
    is_transport = head[:1] == head[188:189] == head[376:377] == b"\x47"
    return is_mp4 or is_avi or is_transport or head.startswith(b"\x1a\x45\xdf\xa3")


def is_animated(path: Path) -> bool:
    """Return whether a file is a picture of several frames: GIF, WebP, APNG or AVIF."""
    if not _may_be_animated(_head(path)):
        return False
    try:
        with Image.open(path, formats=ANIMATED) as image:
            return getattr(image, "n_frames", 1) > 1
    except Exception:  # a damaged one, of which its reader tells
        return False


def _may_be_animated(head: bytes) -> bool:
    """Return whether a file that begins so may have several frames.

    Opening is left to few files: folders hold thousands of photographs, which have none.
    """
    if head.startswith(b"\x89PNG"):
        return b"acTL" in head
    if head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X":
        return bool(head[20] & 2) if len(head) > 20 else False
    return head.startswith(b"GIF8") or (head[4:8] == b"ftyp" and b"avis" in head[8:64])


def _head(path: Path) -> bytes:
    """Return the first bytes of a file; none where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""
