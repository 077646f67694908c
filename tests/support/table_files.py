"""Writes small tables of images and fixations, as `samjax prepare table` reads them."""

import gzip
from pathlib import Path

import cv2
import numpy as np

IMAGES_HEADER = "name,width,height,original_width,original_height,split"
FIXATIONS_HEADER = "image,subject,x,y,duration_ms,order"


def encoded(image: np.ndarray, ending: str = ".png") -> bytes:
    """An RGB or grey array as the bytes of an image file."""
    stored = image[..., ::-1] if image.ndim == 3 else image
    return cv2.imencode(ending, stored)[1].tobytes()


def write_image(folder: Path, name: str, height: int = 30, width: int = 40, seed: int = 0):
    image = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    path = folder / "images" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(image, path.suffix))


def write_csv(path: Path, header: str, rows: list[str]):
    """Writes a CSV file, compressed if its name ends in .gz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join([header, *rows]) + "\n"
    open_file = gzip.open if path.suffix == ".gz" else open
    with open_file(path, "wt", encoding="utf-8") as file:
        file.write(text)


def write_table(folder: Path, images: int = 4) -> Path:
    """Images i.png of 40 x 30 (original 80 x 60), the last one for validation; image i has i
    fixations at (x, y) = (10 j + .25, 5 j + .5)."""
    rows, fixations = [], []
    for i in range(images):
        write_image(folder, f"{i}.png", seed=i)
        split = "validation" if i == images - 1 else "train"
        rows.append(f"{i}.png,40,30,80,60,{split}")
        fixations += [f"{i}.png,{j},{10 * j + 0.25},{5 * j + 0.5},{200 + j},{j}" for j in range(i)]
    write_csv(folder / "images.csv", IMAGES_HEADER, rows)
    write_csv(folder / "fixations.csv.gz", FIXATIONS_HEADER, fixations)
    return folder
