"""Trees of datasets whose fixations are MATLAB structs; see `raw_trees`."""

import zipfile
from pathlib import Path

import cv2
import numpy as np
from raw_files import cell, corners, jpeg, mat, png, put


def osie(root: Path) -> dict:
    """Traps: uint8 and uint16 durations; image 1003 has no fixations."""
    images, expected = [], {}
    for number in (1001, 1002, 1279, 1374):
        put(root / f"predicting-master/data/stimuli/{number}.jpg", jpeg(600, 800, number))
        subjects = []
        for kind in (np.uint8, np.uint16):
            x, y = (corners(600, 800) + 1.0).T
            subjects.append(
                {
                    "fix_x": x[None],
                    "fix_y": y[None],
                    "fix_duration": np.array([[200, 250, 90]], kind),
                }
            )
        images.append({"img": f"{number}.jpg", "subjects": cell(subjects)})
        expected[str(number)] = np.concatenate([corners(600, 800)] * 2)
    put(root / "predicting-master/data/stimuli/1003.jpg", jpeg(600, 800))
    mat(root / "predicting-master/data/eye/fixations.mat", fixations=cell(images))
    return expected


def salicon_gaze(points: list, lie: bool) -> np.ndarray:
    """Return SALICON's `gaze` of workers with these fixations, as a row if it `lie`s."""
    kinds = [("location", object), ("timestamp", object), ("fixations", object)]
    gaze = np.empty((1, len(points)) if lie else (len(points), 1), kinds)
    for number, fixations in enumerate(points):
        mouse = np.array([[0, 641], [5, 5]], np.uint16)  # outside, and no fixations
        gaze.ravel()[number] = (mouse, np.array([[0.0, 1e9]]), fixations)
    return gaze


def salicon(root: Path) -> dict:
    """Traps: in zips; gaze lies or stands; uint16; a worker without fixations, 0x0 and 0x2."""
    places = (corners(480, 640) + 1).astype(np.uint16)
    expected, work = {}, root / "work"
    with (
        zipfile.ZipFile(root / "images.zip", "w") as images,
        zipfile.ZipFile(root / "fixations.zip", "w") as fixations,
    ):
        for k, part in enumerate(("train", "train", "val", "test")):
            stem = f"COCO_{part}2014_{k + 9:012d}"
            images.writestr(f"images/{part}/{stem}.jpg", jpeg(480, 640, k))
            expected[stem] = np.zeros((0, 2))
            if part == "test":
                continue
            empty = np.zeros((0, 0) if k else (0, 2), np.uint16)
            variables = {
                "image": f"{stem}.jpg",
                "resolution": np.array([[480, 640]]),
                "gaze": salicon_gaze([places, empty, places[:2]], lie=k == 0),
            }
            mat(work / f"{stem}.mat", **variables)
            fixations.write(work / f"{stem}.mat", f"{part}/{stem}.mat")
            fixations.writestr(f"__MACOSX/{part}/._{stem}.mat", b"junk")
            expected[stem] = np.concatenate([corners(480, 640), corners(480, 640)[:2]])
    with zipfile.ZipFile(root / "maps.zip", "w") as maps:
        maps.writestr("train/COCO_train2014_000000000009.png", png(480, 640))
    for path in work.iterdir():
        path.unlink()
    work.rmdir()
    return expected


def figrim(root: Path) -> dict:
    """Traps: people who did not see an image: 0x0, 0x2, empty fields; later looks do not count."""
    expected = {}
    for folder, file, names in (
        ("Targets", "targetData/allImages_release", ("sun_a", "sun_b")),
        ("Fillers", "fillerData/allImages_fillers", ("sun_c",)),
    ):
        images = np.empty(
            (1, len(names)), [(k, object) for k in ("filename", "category", "userdata")]
        )
        for k, name in enumerate(names):
            put(root / f"{folder}/kitchen/{name}.jpg", jpeg(1000, 1000, k))
            places = np.array([[0, 0], [999, 999], [600, 5]], np.float64)
            people = np.empty((1, 3), [("trial", object), ("fixations", object)])
            for person, enc in enumerate((places + 1, np.zeros((0, 2)), np.zeros((0, 0)))):
                looks = {"enc": enc, "rec": places[:1] + 7, "rec2": np.zeros((0, 0))}
                people[0, person] = (1, np.zeros((0, 0)) if person == 2 else looks)
            images[0, k] = (f"{name}.jpg", "kitchen", people)
            expected[f"kitchen_{name}"] = places
        mat(root / f"{file}.mat", allImages=images)
    return expected


def kth(root: Path) -> dict:
    """Traps: nested structs; a photograph without data; a subject without fixations."""
    categories: dict[str, dict] = {}
    expected = {}
    for k, stem in enumerate(("buildings_00", "nature_50", "automan_02")):
        content = cv2.imencode(".png", cv2.imdecode(np.frombuffer(jpeg(768, 1024, k), "u1"), 1))[1]
        put(root / f"eyeTrackImages/{stem}.png", content.tobytes())
        x, y = (corners(768, 1024) + 1).T
        people = {
            "subject_01": {"fixX": x, "fixY": y, "fixT": x * 7},
            "subject_12": {"fixX": x[:1], "fixY": y[:1]},
            "subject_31": {"fixX": np.zeros((0, 0)), "fixY": np.zeros((0, 0))},
        }
        categories.setdefault(stem.rsplit("_", 1)[0], {})[stem] = people
        expected[stem] = np.concatenate([corners(768, 1024), corners(768, 1024)[:1]])
    put(root / "eyeTrackImages/flowers_19.png", png(768, 1024))
    mat(root / "eyeTrackData.mat", eyeTrackData=categories)
    return expected


def isun(root: Path) -> dict:
    """Traps: gaze lies or stands, a worker without fixations, an image of testing without gaze."""
    expected = {}
    for k, stem in enumerate(("training", "validation", "testing")):
        kinds = [("image", object), ("resolution", object), ("gaze", object)]
        images = np.empty((1, 1), kinds[: 2 if stem == "testing" else 3])
        name = f"sun_{stem}"
        put(root / f"image/images/{name}.jpg", jpeg(60, 90, k))
        places = corners(60, 90)
        gaze = np.empty(
            (1, 2) if k else (2, 1), [(n, object) for n in ("location", "t", "fixation")]
        )
        for worker, fixations in enumerate(((places + 1).astype(np.uint8), np.zeros((0, 0)))):
            gaze.ravel()[worker] = (np.array([[3, 3]]), np.array([[0]]), fixations)
        values = (name, np.array([[60, 90]], np.uint16), gaze)
        images[0, 0] = values[: len(images.dtype)]
        mat(root / f"{stem}.mat", **{stem: images})
        expected[name] = places if stem != "testing" else np.zeros((0, 2))
    return expected
