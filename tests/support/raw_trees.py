"""Small trees in the exact layouts of published datasets, with their traps planted.

Each function writes a tree and returns {image_id: fixations [N, 2], or None where not known
exactly} of what a right reader finds, x and y from 0. The same few places are used everywhere: one
at x beyond the image's height, one at the last pixel, the first pixel.
"""

import json
import zipfile
from pathlib import Path

import cv2
import h5py
import numpy as np
from scipy.io import savemat


def jpeg(height: int, width: int, seed: int = 0) -> bytes:
    small = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    image = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.imencode(".jpg", image)[1].tobytes()


def png(height: int, width: int) -> bytes:
    return cv2.imencode(".png", np.full((height, width), 7, np.uint8))[1].tobytes()


def put(path: Path, content: bytes):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def mat(path: Path, **variables):
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, variables)


def cell(values: list) -> np.ndarray:
    found = np.empty((len(values), 1), object)
    for i, value in enumerate(values):
        found[i, 0] = value
    return found


def corners(height: int, width: int) -> np.ndarray:
    """[3, 2] (x, y) from 0."""
    return np.array([[0, 0], [width - 1, height - 1], [height + 20, 5]], np.float64)


def osie(root: Path) -> dict:
    """uint8 and uint16 durations; image 1003 has no fixations."""
    images, found = [], {}
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
        found[str(number)] = np.concatenate([corners(600, 800)] * 2)
    put(root / "predicting-master/data/stimuli/1003.jpg", jpeg(600, 800))
    mat(root / "predicting-master/data/eye/fixations.mat", fixations=cell(images))
    return found


def _gaze(points: list, lie: bool) -> np.ndarray:
    kinds = [("location", object), ("timestamp", object), ("fixations", object)]
    gaze = np.empty((1, len(points)) if lie else (len(points), 1), kinds)
    for number, fixations in enumerate(points):
        mouse = np.array([[0, 641], [5, 5]], np.uint16)  # outside, and no fixations
        gaze.ravel()[number] = (mouse, np.array([[0.0, 1e9]]), fixations)
    return gaze


def salicon(root: Path) -> dict:
    """In zips; gaze lies or stands; uint16; a worker without fixations, 0x0 and 0x2."""
    places = (corners(480, 640) + 1).astype(np.uint16)
    found, work = {}, root / "work"
    with (
        zipfile.ZipFile(root / "images.zip", "w") as images,
        zipfile.ZipFile(root / "fixations.zip", "w") as fixations,
    ):
        for k, part in enumerate(("train", "train", "val", "test")):
            stem = f"COCO_{part}2014_{k + 9:012d}"
            images.writestr(f"images/{part}/{stem}.jpg", jpeg(480, 640, k))
            found[stem] = np.zeros((0, 2))
            if part == "test":
                continue
            empty = np.zeros((0, 0) if k else (0, 2), np.uint16)
            variables = {
                "image": f"{stem}.jpg",
                "resolution": np.array([[480, 640]]),
                "gaze": _gaze([places, empty, places[:2]], lie=k == 0),
            }
            mat(work / f"{stem}.mat", **variables)
            fixations.write(work / f"{stem}.mat", f"{part}/{stem}.mat")
            fixations.writestr(f"__MACOSX/{part}/._{stem}.mat", b"junk")
            found[stem] = np.concatenate([corners(480, 640), corners(480, 640)[:2]])
    with zipfile.ZipFile(root / "maps.zip", "w") as maps:
        maps.writestr("train/COCO_train2014_000000000009.png", png(480, 640))
    for path in work.iterdir():
        path.unlink()
    work.rmdir()
    return found


def salicon_json(root: Path) -> dict:
    """[y, x] from 1."""
    found = {}
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
        found[stem] = np.concatenate([corners(480, 640)[: w + 1] for w in range(3)])
    return found


LONG = "i" + "a" * 70 + "4162"  # MATLAB cuts names to 63


def eye_samples(places: np.ndarray, count: int = 40) -> np.ndarray:
    """240 Hz samples that rest at each place (from 1) with a blink between the first two."""
    parts = [np.repeat(place[None] + 1.0, count, axis=0) for place in places]
    return np.concatenate([parts[0], np.full((6, 2), -1.0), *parts[1:]])


def mit1003(root: Path) -> dict:
    """Blinks, nan, a stem that is cut, a stray map; a trial that stays in the centre."""
    found = {}
    for k, (stem, height, width) in enumerate(
        (("i1_landscape", 60, 90), (LONG, 90, 60), ("syntheticData1", 70, 70))
    ):
        put(root / f"ALLSTIMULI/{stem}.jpeg", jpeg(height, width, k))
        put(root / f"ALLFIXATIONMAPS/{stem}_fixMap.jpg", jpeg(height, width))
        put(root / f"ALLFIXATIONMAPS/{stem}_fixPts.jpg", jpeg(height, width))
        centre = np.array([[width // 2, height // 2]], np.float64)
        places = np.concatenate([centre, [[2, 3], [width - 1, 4]]])
        for user, samples in (
            ("ajs", eye_samples(places)),
            ("zb", np.concatenate([eye_samples(centre), np.full((5, 2), np.nan)])),
        ):
            data = {"eyeData": samples}
            variable = {"imgName": f"{stem}.jpeg", "DATA": data}
            mat(root / f"DATA/{user}/{stem}.mat", **{stem[:31]: variable})
        found[stem] = places[1:]
    put(root / "ALLFIXATIONMAPS/i05june05fixPts.jpg", jpeg(20, 20))
    put(root / "DATA/ajs/CalibrationData.mat", b"not read")
    return found


def mit300(root: Path) -> dict:
    stems = ("i1", "i2", "i10", "i298Waldo")
    for k, stem in enumerate(stems):
        put(root / f"BenchmarkIMAGES/{stem}.jpg", jpeg(60, 90, k))
    return dict.fromkeys(stems, np.zeros((0, 2)))


def cat2000(root: Path) -> dict:
    """An Output folder, numbers with gaps, uint8 maps."""
    found = {}
    for k, key in enumerate(("Action/003", "Action/134", "Satelite/001")):
        put(root / f"trainSet/Stimuli/{key}.jpg", jpeg(1080, 1920, k))
        put(root / f"trainSet/FIXATIONMAPS/{key}.jpg", jpeg(1080, 1920))
        fixated = np.zeros((1080, 1920), np.uint8)
        for x, y in corners(1080, 1920).astype(int):
            fixated[y, x] = 1
        mat(root / f"trainSet/FIXATIONLOCS/{key}.mat", fixLocs=fixated)
        places = corners(1080, 1920)
        found[key.replace("/", "_")] = places[np.lexsort((places[:, 0], places[:, 1]))]
    put(root / "trainSet/Stimuli/Action/Output/003_SaliencyMap.jpg", jpeg(1080, 1920))
    put(root / "trainSet/Stimuli/Action/Output/003.jpg", jpeg(1080, 1920))
    return found


def cat2000_test(root: Path) -> dict:
    """An image whose EXIF says that it lies on its side."""
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    plain = jpeg(1080, 1920)
    app1 = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    put(root / "testSet/Stimuli/Pattern/134.jpg", plain[:2] + app1 + plain[2:])
    return {"Pattern_134": np.zeros((0, 2))}


def toronto(root: Path) -> dict:
    """Spaces in the path; images 1, 2, 10, whose names do not sort as numbers."""
    base = root / "eyetrackingdata/fixdens"
    cells, found = [], {}
    for number in range(1, 11):
        white = np.zeros((511, 681), np.uint8)
        white[number, 600] = 1
        cells.append(white)
        if number in (1, 2, 10):
            put(base / f"Original Image Set/{number}.jpg", jpeg(511, 681, number))
            found[str(number)] = np.array([[600.0, number]])
    mat(base / "origfixdata.mat", white=cell(cells).T)
    put(base / "Raw/s1/1.fix", b"1 2 3\r\n")
    return found


def pascal_s(root: Path) -> dict:
    """MATLAB 7.3: a cell of references to transposed arrays."""
    found = {}
    path = root / "datasets/fixations/pascalFix.mat"
    path.parent.mkdir(parents=True)
    with h5py.File(path, "w") as file:
        references = []
        for number in (1, 2):
            put(root / f"datasets/imgs/pascal/{number}.jpg", jpeg(60, 90, number))
            places = corners(60, 90)
            rows = np.stack([places[:, 1] + 1, places[:, 0] + 1, [1, 2, 2]])
            references.append(file.create_dataset(f"#refs#/{number}", data=rows).ref)
            found[str(number)] = places
        kind = h5py.special_dtype(ref=h5py.Reference)
        cells = file.create_dataset("fixCell", (1, 2), dtype=kind)
        for k, reference in enumerate(references):
            cells[0, k] = reference
    return found


def dut_omron(root: Path) -> dict:
    """The row of the size comes first as a rule, and once not; junk beside."""
    found = {}
    for k, stem in enumerate(("im001", "im002")):
        put(root / f"DUT-OMRON-image/{stem}.jpg", jpeg(60, 90, k))
        places = np.column_stack([corners(60, 90), [1, 1, 2]])
        size = np.array([[90, 60, 0]])
        rows = np.concatenate([size, places] if k == 0 else [places[:1], size, places[1:]])
        mat(root / f"DUT-OMRON-eye-fixations/mat/{stem}.mat", s=rows.astype(np.uint16))
        put(root / f"DUT-OMRON-eye-fixations/mat/._{stem}.mat", b"junk")
        found[stem] = corners(60, 90)
    return found


def koehler(root: Path) -> dict:
    """nan where a subject has fewer fixations, or none; images 2 and 10, by number."""
    xy, found = np.full((3, 10, 4, 2), np.nan), {}
    for number in (2, 10):
        put(root / f"PublicData/Images/image_r_{number}.jpg", jpeg(405, 405, number))
        places = np.array([[0, 0], [404, 404], [300, number]], np.float64)
        xy[0, number - 1, :3], xy[2, number - 1, :1] = places + 1, places[:1] + 1
        found[f"image_r_{number}"] = np.concatenate([places, places[:1]])
    mat(root / "PublicData/ObserverData.mat", freeview_x=xy[..., 0], freeview_y=xy[..., 1])
    return found


def coco_freeview(root: Path) -> dict:
    """The same image in two folders; the first fixation in the centre."""
    found, paths = {}, []
    for k, split in enumerate(("train", "valid")):
        stem = f"{k + 1:012d}"
        for target in ("bottle", "car"):
            put(root / f"images/{target}/{stem}.jpg", jpeg(1050, 1680, k))
        places = np.concatenate([[[840, 525]], corners(1050, 1680)])
        for subject in (1, 2):
            x, y = places.T.tolist()
            path = {"name": f"{stem}.jpg", "subject": subject, "X": x, "Y": y, "T": [200] * 4}
            paths.append({**path, "length": 4, "split": split, "condition": "freeview"})
        found[stem] = np.concatenate([places[1:]] * 2)
    put(root / "COCOFreeView_fixations_trainval.json", json.dumps(paths).encode())
    return found


def figrim(root: Path) -> dict:
    """People who did not see an image: 0x0, 0x2, or all fields empty; later looks do not count."""
    found = {}
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
            found[f"kitchen_{name}"] = places
        mat(root / f"{file}.mat", allImages=images)
    return found


def kth(root: Path) -> dict:
    """Structs in structs; a photograph that the data do not know; a subject without fixations."""
    categories: dict[str, dict] = {}
    found = {}
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
        found[stem] = np.concatenate([corners(768, 1024), corners(768, 1024)[:1]])
    put(root / "eyeTrackImages/flowers_19.png", png(768, 1024))
    mat(root / "eyeTrackData.mat", eyeTrackData=categories)
    return found


def isun(root: Path) -> dict:
    """Gaze lies or stands, a worker without fixations, an image of testing without gaze."""
    found = {}
    for k, stem in enumerate(("training", "validation", "testing")):
        kinds = [("image", object), ("resolution", object), ("gaze", object)]
        images = np.empty((1, 1), kinds[: 2 if stem == "testing" else 3])
        name = f"sun_{stem}"
        put(root / f"image/images/{name}.jpg", jpeg(60, 90, k))
        places = corners(60, 90)
        gaze = np.empty(
            (1, 2) if k else (2, 1), [(n, object) for n in ("location", "t", "fixation")]
        )
        for worker, seen in enumerate(((places + 1).astype(np.uint8), np.zeros((0, 0)))):
            gaze.ravel()[worker] = (np.array([[3, 3]]), np.array([[0]]), seen)
        values = (name, np.array([[60, 90]], np.uint16), gaze)
        images[0, 0] = values[: len(images.dtype)]
        mat(root / f"{stem}.mat", **{stem: images})
        found[name] = places if stem != "testing" else np.zeros((0, 2))
    return found


FIX = """[Header]\r
DATE=1\r
COLS=MK SEG FIX PL START DUR IFDUR IFDEG HOR VER PUPIL SCND FLG LOSS1 LOSS2\r
{}[Fix Segment Summary]\r
0 1 1 0 00:00:00.000 9 9 9 999 999 9 9 9 9 9\r
"""


def nusef(root: Path) -> dict:
    """A portrait that leaves bars beside it, a mistyped folder, a summary that is no data."""
    found = {}
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
            put(path, FIX.format("".join(lines[:count])).encode("latin-1"))
        found[stem] = np.concatenate([places, places[:1]])
    put(root / "NUSEF_database/stimuli/mask.jpg", jpeg(64, 64))
    return found


def folder(root: Path) -> dict:
    """A file of each kind, one image with a map alone, fixations without an image."""
    places = corners(60, 90)
    binary = np.zeros((60, 90), np.uint8)
    for x, y in places.astype(int):
        binary[y, x] = 255
    scanned = places[np.lexsort((places[:, 0], places[:, 1]))]
    found = {"e": np.zeros((0, 2))}
    for stem, expected in (("a", places), ("b", places), ("c", places), ("d", scanned)):
        found[stem] = expected
    for stem in "abcde":
        put(root / f"images/{stem}.jpg", jpeg(60, 90))
    rows = "".join(f"{x},{y},4,200\n" for x, y in places)
    put(root / "fixations/a.csv", f"x,y,subject,duration_ms\n{rows}".encode())
    put(root / "fixations/b.txt", "".join(f"{x} {y}\n" for x, y in places).encode())
    mat(root / "fixations/c.mat", fix=(places + 1).astype(np.uint8))
    put(root / "fixations/d.png", cv2.imencode(".png", binary)[1].tobytes())
    put(root / "maps/e.png", png(60, 90))
    put(root / "fixations/lost.csv", b"x,y\n1,1\n")
    return found


TREES = {
    "osie": osie,
    "salicon_2015": salicon,
    "salicon_2017": salicon,
    "salicon_samples": salicon_json,
    "mit1003": mit1003,
    "mit300": mit300,
    "cat2000": cat2000,
    "cat2000_test": cat2000_test,
    "toronto": toronto,
    "pascal_s": pascal_s,
    "dut_omron": dut_omron,
    "koehler_freeview": koehler,
    "coco_freeview": coco_freeview,
    "figrim": figrim,
    "kth": kth,
    "isun": isun,
    "nusef": nusef,
    "folder": folder,
}
