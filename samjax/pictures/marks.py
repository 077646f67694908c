"""The mark in the pictures that samjax writes, by which it knows them again.

Without it a folder of photographs with the maps of an earlier run in it would have its heat maps
predicted, too. The mark is a text in the file's header and changes no pixel.
"""

import zlib

MARK = b"samjax picture of saliency"
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8"
PNG_HEADER = len(PNG) + 25  # the signature, and the chunk IHDR


def marked(data: bytes) -> bytes:
    """Return a PNG or JPEG with the mark in it; other data as they are."""
    if data.startswith(PNG):
        chunk = b"tEXtSoftware\0" + MARK
        size = (len(chunk) - 4).to_bytes(4, "big")
        text = size + chunk + zlib.crc32(chunk).to_bytes(4, "big")
        return data[:PNG_HEADER] + text + data[PNG_HEADER:]
    if data.startswith(JPEG):
        comment = b"\xff\xfe" + (len(MARK) + 2).to_bytes(2, "big") + MARK
        # Behind the segment JFIF, which has to be the first one.
        end = 2 + 2 + int.from_bytes(data[4:6], "big") if data[2:4] == b"\xff\xe0" else 2
        return data[:end] + comment + data[end:]
    return data


def is_marked(head: bytes) -> bool:
    """Return whether a file that begins with these bytes has the mark."""
    return MARK in head
