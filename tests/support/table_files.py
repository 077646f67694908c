"""Small tables of images and fixations, as `samjax prepare table` reads them."""

import gzip
from pathlib import Path

import cv2
import numpy as np

IMAGES_HEADER = "name,width,height,original_width,original_height,split"
FIXATIONS_HEADER = "image,subject,x,y,duration_ms,order"

BAD_ROWS = {
    "missing image file": ("images.csv", "none.png,40,30,80,60,train"),
    "unknown split": ("images.csv", "new.png,40,30,80,60,holdout"),
    "wrong image size": ("images.csv", "new.png,41,30,80,60,train"),
    "bad image size": ("images.csv", "new.png,40,30,80,-6,train"),
    "duplicate image": ("images.csv", "1.png,40,30,80,60,train"),
    "unusable image name": ("images.csv", "../images.csv,40,30,80,60,train"),
    "unreadable image file": ("images.csv", "broken.png,40,30,80,60,train"),
    "unreadable density file": ("images.csv", "mapped.png,40,30,80,60,train"),
    "unknown image": ("fixations.csv.gz", "other.png,0,1,1,1,1"),
    "non-numeric value": ("fixations.csv.gz", "1.png,0,1,one,1,1"),
    "point outside its image": ("fixations.csv.gz", "1.png,0,79.5,1,1,1"),
}
"""{kind of error: (file, row)}: rows that cannot be used beside those of `write_table`."""


def encoded(image: np.ndarray, ending: str = ".png") -> bytes:
    """Return an RGB array [H, W, 3], or a grey one [H, W], as the bytes of an image file."""
    stored = image[..., ::-1] if image.ndim == 3 else image
    return cv2.imencode(ending, stored)[1].tobytes()


def blurred(height: int, width: int) -> np.ndarray:
    """Return a density map of grey levels, uint8 [H, W]."""
    y, x = np.mgrid[:height, :width]
    spread = (x - width / 3) ** 2 + (y - height / 2) ** 2
    return np.rint(255 * np.exp(-spread / (0.02 * width**2))).astype(np.uint8)


def write_image(folder: Path, name: str, height: int = 30, width: int = 40, seed: int = 0) -> None:
    """Write an image of noise into the table's folder images/."""
    image = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    path = folder / "images" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(image, path.suffix))


def write_csv(path: Path, header: str, rows: list[str]) -> None:
    """Write a CSV file, compressed if its name ends in .gz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join([header, *rows]) + "\n"
    open_file = gzip.open if path.suffix == ".gz" else open
    with open_file(path, "wt", encoding="utf-8") as file:
        file.write(text)


def append_rows(path: Path, *rows: str) -> None:
    """Add rows to a CSV file, compressed if its name ends in .gz."""
    open_file = gzip.open if path.suffix == ".gz" else open
    with open_file(path, "at", encoding="utf-8") as file:
        file.write("\n".join(rows) + "\n")


def write_table(folder: Path, images: int = 4) -> Path:
    """Write a table and return its folder.

    Images i.png are of 40 x 30 pixels (originally 80 x 60), and the last one is for validation.
    Image i has i fixations at (x, y) = (10 j + .25, 5 j + .5), of at most 8.
    """
    rows, fixations = [], []
    for i in range(images):
        write_image(folder, f"{i}.png", seed=i)
        split = "validation" if i == images - 1 else "train"
        rows.append(f"{i}.png,40,30,80,60,{split}")
        fixations += [
            f"{i}.png,{j},{10 * j + 0.25},{5 * j + 0.5},{200 + j},{j}" for j in range(min(i, 8))
        ]
    write_csv(folder / "images.csv", IMAGES_HEADER, rows)
    write_csv(folder / "fixations.csv.gz", FIXATIONS_HEADER, fixations)
    return folder
