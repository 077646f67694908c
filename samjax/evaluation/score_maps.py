"""Scores a folder of anyone's maps over a split: `samjax score` as a function."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import scipy.ndimage
from jaxtyping import Float
from PIL import Image

from samjax.console.log import log
from samjax.console.progress import track
from samjax.data.example import Example
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError
from samjax.evaluation import score_report
from samjax.evaluation.map_files import MatchedMaps, match_maps, read_map
from samjax.evaluation.scoreboard import Scoreboard
from samjax.evaluation.scores import Scores
from samjax.metrics import metric_names

MAX_NAMES = 5  # of a list of files, how many are named


def score_maps(
    dataset: str,
    split: str,
    folder: str | Path,
    *,
    convention: str = "mit",
    data_dir: str | Path | None = None,
    seed: int = 0,
    against: str | Path | None = None,
    until_ms: float | None = None,
    **options: Any,
) -> tuple[dict[str, Any], Scores]:
    """Score the maps FOLDER/STEM.* of a split; images without a map are left out and named.

    Args:
        dataset: The name of a prepared dataset.
        split: One of its splits.
        folder: Where the maps are, in any format of `map_files`.
        convention: "mit", "tuebingen" or "salicon".
        data_dir: Where prepared datasets are.
        seed: Of every random draw.
        against: A per-image CSV. The summary then has "against" with the paired differences.
        until_ms: See `Source`.
        options: names, baseline_split, densities and trials, see `Scoreboard`.

    Returns:
        The summary, and the scores per image, see `Scoreboard.result`.

    Raises:
        UserError: Something that is named does not exist, a map cannot be read or has a wrong
            size, or the scores of `against` are not comparable.
    """
    metric_names(convention)  # an unknown convention fails before the work, not after it
    source = Source(open_dataset(dataset, data_dir), split, until_ms)
    matched = match_maps(Path(folder), [source.image_id(i) for i in range(len(source))])
    _log_unmatched(matched, len(source))
    board = Scoreboard(source, convention, seed=seed, **options)
    if against:
        score_report.check_comparable(against, board.identity())  # before the work, too
    coarse = _add_maps(board, source, matched, convention)
    summary, scores = board.result()
    summary |= {"folder": str(folder), "missing": matched.missing, "maps_8_bit": len(coarse)}
    summary["versions"] = score_report.versions()
    if against:
        difference = score_report.compare(scores, summary, against, seed=seed)
        summary["against"] = {"file": str(against), "difference": difference}
    return summary, scores


def _add_maps(
    board: Scoreboard, source: Source, matched: MatchedMaps, convention: str
) -> list[str]:
    """Add every image that has a map; return the names of the maps of 8 bit, and warn of them."""
    coarse = []
    doing = f"scoring {source.dataset.name} {source.title}"
    for i in track(range(len(source)), len(source), doing):
        example = source[i]
        if example.image_id not in matched.files:
            continue
        path = matched.files[example.image_id]
        saliency = read_map(path)
        if saliency.bits == 8:
            coarse.append(path.name)
        board.add(example, to_image_size(saliency.values, example, convention, path))
    if coarse:
        log(
            f"warning: {len(coarse)} maps are 8 bit ({_some(coarse)}); rounding to 256 levels "
            "costs KL and IG most, and ties AUC; write float or 16-bit maps"
        )
    return coarse


def to_image_size(
    saliency: Float[np.ndarray, "h w"], example: Example, convention: str, path: Path
) -> Float[np.ndarray, "H W"]:
    """Return a map at the image's size, float32 [height, width].

    mit        bicubic with a = -1/2, smoothed where it shrinks, as MATLAB's imresize (Pillow's is
               the same but for the outermost pixels)
    salicon    SciPy's zoom of order 3
    tuebingen  a map of the size of the image FILE, where a dataset ships smaller files than were
               shown, is resized bilinearly; no other size is taken

    Args:
        saliency: The map, float32, of any size.
        example: The image.
        convention: "mit", "tuebingen" or "salicon".
        path: The file of the map, for the message.

    Raises:
        UserError: The convention takes no map of this size.
    """
    size = example.height, example.width
    if saliency.shape == size:
        return saliency
    if convention == "mit":
        # Pillow's bicubic kernel has a = -1/2, as MATLAB's; OpenCV's has -3/4.
        picture = Image.fromarray(saliency).resize(size[::-1], Image.Resampling.BICUBIC)
        return np.asarray(picture)
    if convention == "salicon":
        factors = [new / old for new, old in zip(size, saliency.shape, strict=True)]
        return scipy.ndimage.zoom(saliency, factors, order=3)
    if saliency.shape == _file_size(example):
        resized = cv2.resize(saliency, size[::-1], interpolation=cv2.INTER_LINEAR)
        ratio = saliency.sum(dtype=np.float64) / (resized.sum(dtype=np.float64) or 1)
        return resized * np.float32(ratio)  # a density keeps its sum
    raise UserError(
        f"{path}: the map is {saliency.shape}, the image {size} (height, width); convention "
        f"{convention} takes maps of the image's size only; resize it, or use mit"
    )


def _file_size(example: Example) -> tuple[int, int]:
    """Return (height, width) of the image as stored, which may be smaller than the stimulus."""
    with Image.open(io.BytesIO(example.image)) as opened:
        return opened.size[::-1]


def _log_unmatched(matched: MatchedMaps, num_images: int) -> None:
    """Say on standard error which images have no map, and which files are not used."""
    if matched.missing:
        names = _some(matched.missing)
        log(f"no map for {len(matched.missing)} of {num_images} images: {names}")
    if matched.surplus:
        names = _some([path.name for path in matched.surplus])
        log(f"{len(matched.surplus)} files belong to no image of the split: {names}")
    if matched.duplicates:
        names = _some([path.name for path in matched.duplicates])
        log(f"{len(matched.duplicates)} files are not used, a finer one has their name: {names}")


def _some(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
