"""What a picture declares is compared with a limit before it takes memory."""

import io
import struct
import sys
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from samjax.data import picture_files
from samjax.data.images import check_image, decode_density, decode_stimulus, read_photo
from samjax.errors import UserError


def png(width: int, height: int) -> bytes:
    """A PNG that declares a size, and has but a few bytes of pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(10_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("read", [decode_stimulus, decode_density, check_image])
@pytest.mark.parametrize("size", [(60000, 50000), (20000, 10000)])
def test_a_picture_that_declares_too_much_is_refused_before_it_takes_memory(read, size):
    tracemalloc.start()
    with pytest.raises(UserError, match=f"--max-pixels={size[0] * size[1]}"):
        read(png(*size))
    assert tracemalloc.get_traced_memory()[1] < 2**25
    tracemalloc.stop()


def test_a_picture_inside_of_an_icon_is_looked_at_too():
    inner = png(20000, 10000)
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inner), 22)
    with pytest.raises(UserError, match="--max-pixels=200000000"):
        decode_stimulus(struct.pack("<HHH", 0, 1, 1) + entry + inner)


def test_the_limit_can_be_chosen(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    Image.new("RGB", (20, 30)).save(path)
    with pytest.raises(UserError, match=r"a\.png.*20 x 30: it declares 600 pixels"):
        read_photo(path, 599)
    assert read_photo(path, 600).shape == (30, 20, 3)
    monkeypatch.setenv(picture_files.VARIABLE, "599")
    with pytest.raises(UserError, match="allow more with --max-pixels=600"):
        read_photo(path)
    for wrong in ("many", "0", "-5"):
        monkeypatch.setenv(picture_files.VARIABLE, wrong)
        with pytest.raises(UserError, match=f"SAMJAX_MAX_PIXELS={wrong} is no number"):
            read_photo(path)


def test_a_heic_picture_is_read_with_its_package_and_told_without(tmp_path, monkeypatch):
    heif = pytest.importorskip("pillow_heif")
    pixels = np.full((16, 24, 3), (200, 40, 30), np.uint8)
    path = tmp_path / "a.HEIC"
    heif.from_pillow(Image.fromarray(pixels)).save(path)
    assert np.abs(read_photo(path).astype(int) - pixels).max() < 12
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.setattr(
        Image, "OPEN", {n: v for n, v in Image.OPEN.items() if n not in ("HEIF", "AVIF")}
    )
    picture_files._formats.cache_clear()
    with pytest.raises(UserError, match=r"pip install 'samjax\[heif\]'"):
        read_photo(path)
    picture_files._formats.cache_clear()


def test_formats_that_run_other_programs_are_not_opened(tmp_path):
    (tmp_path / "a.eps").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    with pytest.raises(UserError, match="of a format that is not read"):
        read_photo(tmp_path / "a.eps")


def test_whatever_a_decoder_raises_becomes_one_line(monkeypatch):
    def load(self):
        raise ZeroDivisionError("of a\nbroken file")

    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "PNG")
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    with pytest.raises(UserError, match=r"of a broken file$"):
        check_image(buffer.getvalue())
