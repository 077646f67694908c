"""Trees of datasets whose fixations are text, and of a user's own folder; see `raw_trees`."""

import json
from pathlib import Path

import cv2
import numpy as np
from raw_files import corners, jpeg, mat, put
from table_files import blurred, encoded


def salicon_json(root: Path) -> dict:
    """Traps: [y, x] from 1."""
    expected = {}
    for k, part in enumerate(("train", "val")):
        stem = f"COCO_{part}2014_{k + 1:012d}"
        put(root / f"images/{part}/{stem}.jpg", jpeg(480, 640, k))
        places = (corners(480, 640)[:, ::-1] + 1).astype(int).tolist()
        content = {
            "info": {},
            "images": [{"id": 7 + k, "file_name": f"{stem}.jpg", "height": 480, "width": 640}],
            "licenses": [],
            "type": "fixations",
            "annotations": [
                {"id": w, "image_id": 7 + k, "worker_id": 40 + w, "fixations": places[: w + 1]}
                for w in range(3)
            ],
        }
        put(root / f"annotations/fixations_{part}2014.json", json.dumps(content).encode())
        expected[stem] = np.concatenate([corners(480, 640)[: w + 1] for w in range(3)])
    return expected


def coco_freeview(root: Path) -> dict:
    """Traps: the same image in two folders; the first fixation in the centre."""
    expected, paths = {}, []
    for k, split in enumerate(("train", "valid")):
        stem = f"{k + 1:012d}"
        for target in ("bottle", "car"):
            put(root / f"images/{target}/{stem}.jpg", jpeg(1050, 1680, k))
        places = np.concatenate([[[840, 525]], corners(1050, 1680)])
        for subject in (1, 2):
            x, y = places.T.tolist()
            path = {"name": f"{stem}.jpg", "subject": subject, "X": x, "Y": y, "T": [200] * 4}
            paths.append({**path, "length": 4, "split": split, "condition": "freeview"})
        expected[stem] = np.concatenate([places[1:]] * 2)
    put(root / "COCOFreeView_fixations_trainval.json", json.dumps(paths).encode())
    return expected


FIX_FILE = """[Header]\r
DATE=1\r
COLS=MK SEG FIX PL START DUR IFDUR IFDEG HOR VER PUPIL SCND FLG LOSS1 LOSS2\r
{}[Fix Segment Summary]\r
0 1 1 0 00:00:00.000 9 9 9 999 999 9 9 9 9 9\r
"""


def nusef(root: Path) -> dict:
    """Traps: a portrait with bars beside it, a mistyped folder, a summary that is no data."""
    expected = {}
    for k, (stem, height, width, folder) in enumerate(
        (("1001", 768, 1024, "1001"), ("2002", 96, 64, "2002"), ("3005.1", 64, 128, "3005_0"))
    ):
        put(root / f"NUSEF_database/stimuli/{stem}.jpg", jpeg(height, width, k))
        scale = min(768 / height, 1024 / width)
        border = np.array([[1024 - scale * width, 768 - scale * height]]) / 2
        places = np.array([[0, 0], [width - 1, height - 1], [width / 2, 5]], np.float64)
        grid = (places * scale + border) / [[1024 / 260, 768 / 280]]
        lines = [f"0 1 {n} 0 00:00:01.000 .2 0 0 {x:.9f} {y:.9f} 5 6 0 0 0\r\n"
                 for n, (x, y) in enumerate(grid)]  # fmt: skip
        for subject, count in ((3, 3), (17, 1)):
            path = root / f"NUSEF_database/fix_data/{folder}/run{subject:02d}+{stem}.fix"
            put(path, FIX_FILE.format("".join(lines[:count])).encode("latin-1"))
        expected[stem] = np.concatenate([places, places[:1]])
    put(root / "NUSEF_database/stimuli/mask.jpg", jpeg(64, 64))
    return expected


def folder(root: Path) -> dict:
    """Traps: a file of each kind, one image with a map alone, fixations without an image."""
    places = corners(60, 90)
    binary = np.zeros((60, 90), np.uint8)
    for x, y in places.astype(int):
        binary[y, x] = 255
    scanned = places[np.lexsort((places[:, 0], places[:, 1]))]
    expected = {"e": np.zeros((0, 2))}
    for stem, fixations in (("a", places), ("b", places), ("c", places), ("d", scanned)):
        expected[stem] = fixations
    for stem in "abcde":
        put(root / f"images/{stem}.jpg", jpeg(60, 90))
    rows = "".join(f"{x},{y},4,200\n" for x, y in places)
    put(root / "fixations/a.csv", f"x,y,subject,duration_ms\n{rows}".encode())
    put(root / "fixations/b.txt", "".join(f"{x} {y}\n" for x, y in places).encode())
    mat(root / "fixations/c.mat", fix=(places + 1).astype(np.uint8))
    put(root / "fixations/d.png", cv2.imencode(".png", binary)[1].tobytes())
    put(root / "maps/e.png", encoded(blurred(60, 90)))
    put(root / "fixations/lost.csv", b"x,y\n1,1\n")
    return expected
