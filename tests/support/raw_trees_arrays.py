"""Trees of datasets whose fixations are MATLAB arrays, or that have none; see `raw_trees`."""

from pathlib import Path

import h5py
import numpy as np
from raw_files import cell, corners, jpeg, mat, put

LONG = "i" + "a" * 70 + "4162"  # MATLAB cuts names to 63


def eye_samples(places: np.ndarray, count: int = 40) -> np.ndarray:
    """Return samples at 240 Hz that rest at each place, with a blink between the first two."""
    parts = [np.repeat(place[None] + 1.0, count, axis=0) for place in places]
    return np.concatenate([parts[0], np.full((6, 2), -1.0), *parts[1:]])


def mit1003(root: Path) -> dict:
    """Traps: blinks, nan, a stem that is cut, a stray map; a trial that stays in the centre."""
    expected = {}
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
        expected[stem] = places[1:]
    put(root / "ALLFIXATIONMAPS/i05june05fixPts.jpg", jpeg(20, 20))
    put(root / "DATA/ajs/CalibrationData.mat", b"not read")
    return expected


def mit300(root: Path) -> dict:
    stems = ("i1", "i2", "i10", "i298Waldo")
    for k, stem in enumerate(stems):
        put(root / f"BenchmarkIMAGES/{stem}.jpg", jpeg(60, 90, k))
    return dict.fromkeys(stems, np.zeros((0, 2)))


def cat2000(root: Path) -> dict:
    """Traps: an Output folder, numbers with gaps, uint8 maps."""
    expected = {}
    for k, key in enumerate(("Action/003", "Action/134", "Satelite/001")):
        put(root / f"trainSet/Stimuli/{key}.jpg", jpeg(1080, 1920, k))
        put(root / f"trainSet/FIXATIONMAPS/{key}.jpg", jpeg(54, 96))
        fixated = np.zeros((1080, 1920), np.uint8)
        for x, y in corners(1080, 1920).astype(int):
            fixated[y, x] = 1
        mat(root / f"trainSet/FIXATIONLOCS/{key}.mat", fixLocs=fixated)
        places = corners(1080, 1920)
        expected[key.replace("/", "_")] = places[np.lexsort((places[:, 0], places[:, 1]))]
    put(root / "trainSet/Stimuli/Action/Output/003_SaliencyMap.jpg", jpeg(54, 96))
    put(root / "trainSet/Stimuli/Action/Output/003.jpg", jpeg(54, 96))
    return expected


def cat2000_test(root: Path) -> dict:
    """Traps: an image whose EXIF says that it lies on its side."""
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    plain = jpeg(1080, 1920)
    app1 = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif
    put(root / "testSet/Stimuli/Pattern/134.jpg", plain[:2] + app1 + plain[2:])
    return {"Pattern_134": np.zeros((0, 2))}


def toronto(root: Path) -> dict:
    """Traps: spaces in the path; images 1, 2, 10, whose names do not sort as numbers."""
    base = root / "eyetrackingdata/fixdens"
    cells, expected = [], {}
    for number in range(1, 11):
        white = np.zeros((511, 681), np.uint8)
        white[number, 600] = 1
        cells.append(white)
        if number in (1, 2, 10):
            put(base / f"Original Image Set/{number}.jpg", jpeg(511, 681, number))
            expected[str(number)] = np.array([[600.0, number]])
    mat(base / "origfixdata.mat", white=cell(cells).T)
    put(base / "Raw/s1/1.fix", b"1 2 3\r\n")
    return expected


def pascal_s(root: Path) -> dict:
    """Traps: MATLAB 7.3: a cell of references to transposed arrays."""
    expected = {}
    path = root / "datasets/fixations/pascalFix.mat"
    path.parent.mkdir(parents=True)
    with h5py.File(path, "w") as file:
        references = []
        for number in (1, 2):
            put(root / f"datasets/imgs/pascal/{number}.jpg", jpeg(60, 90, number))
            places = corners(60, 90)
            rows = np.stack([places[:, 1] + 1, places[:, 0] + 1, [1, 2, 2]])
            references.append(file.create_dataset(f"#refs#/{number}", data=rows).ref)
            expected[str(number)] = places
        kind = h5py.special_dtype(ref=h5py.Reference)
        cells = file.create_dataset("fixCell", (1, 2), dtype=kind)
        for k, reference in enumerate(references):
            cells[0, k] = reference
    return expected


def dut_omron(root: Path) -> dict:
    """Traps: the row of the size comes first as a rule, and once not; junk beside."""
    expected = {}
    for k, stem in enumerate(("im001", "im002")):
        put(root / f"DUT-OMRON-image/{stem}.jpg", jpeg(60, 90, k))
        places = np.column_stack([corners(60, 90), [1, 1, 2]])
        size = np.array([[90, 60, 0]])
        rows = np.concatenate([size, places] if k == 0 else [places[:1], size, places[1:]])
        mat(root / f"DUT-OMRON-eye-fixations/mat/{stem}.mat", s=rows.astype(np.uint16))
        put(root / f"DUT-OMRON-eye-fixations/mat/._{stem}.mat", b"junk")
        expected[stem] = corners(60, 90)
    return expected


def koehler(root: Path) -> dict:
    """Traps: nan where a subject has fewer fixations, or none; images 2 and 10, by number."""
    xy, expected = np.full((3, 10, 4, 2), np.nan), {}
    for number in (2, 10):
        put(root / f"PublicData/Images/image_r_{number}.jpg", jpeg(405, 405, number))
        places = np.array([[0, 0], [404, 404], [300, number]], np.float64)
        xy[0, number - 1, :3], xy[2, number - 1, :1] = places + 1, places[:1] + 1
        expected[f"image_r_{number}"] = np.concatenate([places, places[:1]])
    mat(root / "PublicData/ObserverData.mat", freeview_x=xy[..., 0], freeview_y=xy[..., 1])
    return expected
