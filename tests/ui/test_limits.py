"""What is refused, with which status, and that one sentence says why."""

import struct
import zlib

import pytest
from ui_server import encoded, make_client, picture, refused

from samjax.ui.limits import Limits

DATA = encoded(picture(0))
SMALL = Limits(file_bytes=200_000, request_bytes=300_000, text_bytes=2000, pixels=5000, areas=9)


@pytest.fixture(scope="module")
def limited(model):
    with make_client(model, limits=SMALL) as client:
        yield client


def empty_png(width: int, height: int) -> bytes:
    """A PNG that declares a size and has nothing of it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n"
    for name, content in ((b"IHDR", header), (b"IDAT", b""), (b"IEND", b"")):
        check = struct.pack(">I", zlib.crc32(name + content))
        data += struct.pack(">I", len(content)) + name + content + check
    return data


BROKEN = {
    "no picture": b"%PDF-1.7 this is no picture",
    "cut off": encoded(picture(0, 60, 60))[:2000],
    "empty header": empty_png(20, 20),
    "script": b"<script>alert(1)</script>",
}


@pytest.mark.parametrize("path", ["/predict", "/areas", "/crop", "/compare"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_picture_is_422(limited, path, name):
    files = {"file": ("p.png", BROKEN[name])}
    if path == "/compare":
        files = {"before": ("a.png", DATA), "after": ("p.png", BROKEN[name])}
    data = {"/areas": {"grid": "2x2"}, "/crop": {"ratio": "1:1"}}.get(path, {})
    refused(limited.post(path, files=files, data=data), 422, "p.png: cannot be read as a picture")


def test_too_many_pixels_are_413_before_they_are_decoded(limited):
    answer = limited.post("/predict", files={"file": ("p.png", empty_png(100_000, 100_000))})
    refused(answer, 413, "10,000,000,000 pixels")


def test_too_many_bytes_are_413(limited):
    refused(limited.post("/predict", files={"file": ("p.png", bytes(200_001))}), 413, "the file is")
    answer = limited.post("/predict", files={"file": ("p.png", bytes(300_001))})
    refused(answer, 413, "the request is too large")

    def chunks():  # without a declared length
        for _ in range(40):
            yield bytes(10_000)

    headers = {"content-type": "multipart/form-data; boundary=b"}
    refused(limited.post("/predict", content=chunks(), headers=headers), 413, "the request is")
    files = {"file": ("p.png", DATA)}
    answer = limited.post("/areas", files=files, data={"areas": "x" * 2001})
    refused(answer, 413, "the field areas")
    refused(
        limited.post("/areas", files=files, data={f"f{i}": "" for i in range(30)}), 413, "20 fields"
    )


def test_another_content_type_is_415(limited):
    refused(limited.post("/predict", json={"file": "p.png"}), 415, "multipart/form-data")
    refused(limited.post("/predict"), 415, "multipart/form-data")


def test_a_damaged_form_is_422(limited):
    headers = {"content-type": "multipart/form-data; boundary=b"}
    refused(limited.post("/predict", content=b"--nothing\r\n", headers=headers), 422, "damaged")
    refused(limited.post("/predict", content=b"", headers=headers), 422, "file is missing")


WRONG = [
    ("/predict", {"colour": "red"}, "field='colour' is unknown"),
    ("/predict", {"formt": "npy"}, "did you mean format?"),
    ("/predict", {"format": "gif"}, "format='gif' is unknown"),
    ("/predict", {"timesteps": "maybe"}, "timesteps='maybe' is not possible"),
    ("/predict", {"side": "3"}, "side=3 is not possible; give 16 to 16384"),
    ("/areas", {}, "give one of areas, grid and auto"),
    ("/areas", {"grid": "3x3", "auto": "2"}, "give one of areas, grid and auto"),
    ("/areas", {"grid": "0x3"}, "0x3"),
    ("/areas", {"grid": "9"}, "grid='9' is no grid"),
    ("/areas", {"grid": "5x5"}, "25 areas are too many"),
    ("/areas", {"areas": "{"}, "is damaged"),
    ("/areas", {"areas": '{"areas": []}'}, "holds no area"),
    ("/areas", {"areas": '[{"area": "a", "mask": "/etc/hostname"}]'}, "which is not read here"),
    ("/areas", {"areas": '[{"area": "a", "image": "other.png", "box": [0, 0, 1, 1]}]'}, "none for"),
    ("/areas", {"auto": "many"}, "auto='many' is no whole number"),
    ("/areas", {"auto": "2", "fixations": "nan"}, "fixations='nan' is no whole number"),
    ("/crop", {}, "give ratio"),
    ("/crop", {"ratio": "1"}, "write it as 16:9"),
    ("/crop", {"ratio": "1:1", "margin": "nan"}, "margin=nan is not possible"),
    ("/crop", {"ratio": "1:1", "keep": "2"}, "keep=2 is not possible"),
    ("/crop", {"ratio": "1:1,2:1", "format": "picture"}, "one at a time"),
    ("/crop", {"size": "99999x99999", "enlarge": "1"}, "is too large"),
]


@pytest.mark.parametrize(("path", "fields", "words"), WRONG)
def test_a_wrong_field_is_422_and_named(limited, path, fields, words):
    refused(limited.post(path, files={"file": ("p.png", DATA)}, data=fields), 422, words)


def test_areas_that_would_take_all_memory_are_refused(model):
    corners = ", ".join(f"[{x % 40}, {x % 2 * 30}]" for x in range(600))
    text = f'[{{"area": "a", "polygon": [{corners}]}}]'
    whole = '[{"area": "a", "box": [-1e9, -1e9, 2e9, 2e9]}, {"area": "b", "box": [0, 0, 1, 1]}]'
    runs = (
        '{"images": [{"id": 1, "file_name": "p.png"}], "annotations": [{"id": 1, "image_id": 1, '
        '"segmentation": {"size": [1000000, 1000000], "counts": [1000000000000]}}]}'
    )
    limits = Limits(corners=600 * 69, area_pixels=1199)
    with make_client(model, limits=limits) as client:
        for given, words in ((text, "600 corners"), (whole, "too many"), (runs, "it declares")):
            answer = client.post("/areas", files={"file": ("p.png", DATA)}, data={"areas": given})
            refused(answer, 422, words)


def test_the_same_field_twice_is_refused(limited):
    answer = limited.post(
        "/predict?format=npy", files={"file": ("p.png", DATA)}, data={"format": "npy"}
    )
    refused(answer, 422, "format comes twice")
    files = [("file", ("a.png", DATA)), ("file", ("b.png", DATA))]
    refused(limited.post("/predict", files=files), 422, "file comes twice")
