"""Readers of raw datasets (tables, fixations, archives), and of prepared data."""

import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import h5py
import numpy as np
import scipy.io
import scipy.sparse

from samjax.data.builders.folder import folder_dataset
from samjax.data.example import Facts, Sigma
from samjax.data.prepare.catalog import catalog
from samjax.data.prepare.check import check_dataset
from samjax.data.prepare.from_tables import prepare_table
from samjax.data.prepare.load_item import load_item
from samjax.data.prepare.report import read_report
from samjax.data.prepare.summary import split_lines, warning_lines
from samjax.data.raw.problems import Problems
from samjax.data.raw.table import read_table
from samjax.data.raw.tree import Tree
from samjax.data.sources import Source, open_dataset
from tests.campaigns.readers import Reader

HEIGHT, WIDTH = 30, 40
POINTS = np.array([[10.5, 20], [30, 12], [5, 7]])
FACTS = Facts(sigma=Sigma(pixels=4.0))


def _image() -> bytes:
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return cv2.imencode(".png", np.stack([x * 6, y * 8, x + y], -1).astype(np.uint8))[1].tobytes()


def _counts() -> np.ndarray:
    counts = np.zeros((HEIGHT, WIDTH), np.uint8)
    counts[[20, 12, 7], [10, 30, 5]] = 255
    return counts


def _gaze() -> dict:
    worker = (np.array([[1, 2]]), np.array([[0.1]]), POINTS + 1)
    kinds = [("location", "O"), ("timestamp", "O"), ("fixations", "O")]
    return {"image": "a", "resolution": [HEIGHT, WIDTH], "gaze": np.array([worker], dtype=kinds)}


def _mat_73(path: Path) -> None:
    with h5py.File(path, "w", userblock_size=512) as file:
        file.create_dataset("fixLocs", data=_counts().T, compression="gzip")


def read_one(path: Path) -> None:
    """Read a folder of one image whose fixations are a file, as it is read to be prepared."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name)
        for folder in ("images", "fixations"):
            (source / folder).mkdir(parents=True)
        (source / "images/a.png").write_bytes(_image())
        shutil.copy(path, source / "fixations")
        read_folder(source)


def read_folder(source: Path) -> None:
    """Read a folder or an archive of a user, as it is read to be prepared."""
    tree, warnings = Tree(source), Problems()
    items = folder_dataset("mine", FACTS).find_items(tree, warnings)
    errors = tree.errors
    for split, members in items.items():
        for number in range(len(members)):
            errors.include(load_item(items, (split, number)).report.errors)
    errors.refuse()


def read_rows(source: Path) -> None:
    """Read and check a table."""
    read_table(source).errors.refuse()


def read_prepared(data_dir: Path) -> None:
    """Do all that is done with prepared data: list, check, and read each example."""
    list(catalog(data_dir))
    dataset = open_dataset("mine", data_dir)
    list(check_dataset(dataset, None))
    for split in dataset.splits:
        source = Source(dataset, split)
        for i in range(len(source)):
            source[i]
    read_report(dataset)
    list(split_lines(dataset)), list(warning_lines(dataset))


def _table(folder: Path) -> None:
    (folder / "images").mkdir(parents=True)
    (folder / "images/a.png").write_bytes(_image())
    (folder / "images.csv").write_text(
        "name,original_width,original_height,split\na.png,40,30,val\n"
    )
    rows = "".join(f"a.png,{x},{y},S{i},200,{i}\n" for i, (x, y) in enumerate(POINTS))
    (folder / "fixations.csv").write_text(f"image,x,y,subject,duration_ms,order\n{rows}")


def _prepared(data_dir: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        _table(Path(name) / "table")
        prepare_table(Path(name) / "table", "mine", data_dir=data_dir, sigma=4)


def _tree(folder: Path) -> None:
    for name, content in (("images/a.png", _image()), ("fixations/a.csv", b"x,y\n10,20\n")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _zip(path: Path) -> None:
    with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(path, "w", 8) as archive:
        _tree(Path(name))
        for file in sorted(Path(name).rglob("*.*")):
            archive.write(file, file.relative_to(name))


def _tar(path: Path, mode: str) -> None:
    with tempfile.TemporaryDirectory() as name, tarfile.open(path, mode) as archive:
        _tree(Path(name))
        archive.add(name, "mine")


def _write(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _mat(path: Path, values: dict, **options: object) -> None:
    scipy.io.savemat(path, values, **options)


CSV = b"x,y,subject,duration_ms,order\n10.5,20,S1,200,0\n30,12,S2,250,1\n"
SPARSE = scipy.sparse.csc_matrix(_counts())

READERS = (
    Reader("fix-csv", "a.csv", _write(CSV), read_one),
    Reader("fix-tsv", "a.tsv", _write(CSV.decode().replace(",", "\t").encode("utf-16")), read_one),
    Reader("fix-txt", "a.txt", _write(b"10,5 20\n30,0 12\n"), read_one),
    Reader("fix-npy", "a.npy", lambda path: np.save(path, POINTS), read_one),
    Reader("fix-npy-map", "a.npy", lambda path: np.save(path, _counts()), read_one),
    Reader("fix-png", "a.png", lambda path: cv2.imwrite(str(path), _counts()), read_one),
    Reader("fix-mat", "a.mat", partial(_mat, values={"fixLocs": _counts()}), read_one),
    Reader(
        "fix-mat-packed",
        "a.mat",
        partial(_mat, values={"fix": POINTS}, do_compression=True),
        read_one,
    ),
    Reader("fix-mat-4", "a.mat", partial(_mat, values={"fix": POINTS}, format="4"), read_one),
    Reader("fix-mat-73", "a.mat", _mat_73, read_one),
    Reader("fix-mat-sparse", "a.mat", partial(_mat, values={"fixLocs": SPARSE}), read_one),
    Reader("fix-mat-gaze", "a.mat", partial(_mat, values=_gaze()), read_one),
    Reader("table", "table", _table, read_rows),
    Reader("folder", "folder", _tree, read_folder),
    Reader("tree-zip", "mine.zip", _zip, read_folder),
    Reader("tree-tar", "mine.tar", partial(_tar, mode="w:"), read_folder),
    Reader("tree-tgz", "mine.tgz", partial(_tar, mode="w:gz"), read_folder),
    Reader("tree-txz", "mine.tar.xz", partial(_tar, mode="w:xz"), read_folder),
    Reader("prepared", "data", _prepared, read_prepared),
)
