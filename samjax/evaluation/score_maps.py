"""Scores a folder of anyone's maps over a split: `samjax score` as a function."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
import scipy.ndimage
from PIL import Image

from samjax.console.log import log
from samjax.console.progress import track
from samjax.data.example import Example
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError
from samjax.evaluation import score_report
from samjax.evaluation.map_files import Matched, match_maps, read_map
from samjax.evaluation.scoreboard import TRIALS, Scoreboard
from samjax.evaluation.scores import Scores
from samjax.metrics import metric_names

NAMED = 5  # of a list of files, how many are named


def score_maps(
    dataset: str,
    split: str,
    folder: str | Path,
    *,
    convention: str = "mit",
    names: Iterable[str] = (),
    data_dir: str | Path | None = None,
    baseline_split: str | None = "train",
    densities: bool = False,
    trials: int = TRIALS,
    seed: int = 0,
    against: str | Path | None = None,
    until_ms: float | None = None,
) -> tuple[dict, Scores]:
    """Scores the maps FOLDER/STEM.* of a split; returns summary and scores per image.

    Images without a map are left out and named. against: a per-image CSV; the summary then has
    "against" with the paired differences. until_ms: see `Source`. The others: see `Scoreboard`.
    """
    metric_names(convention)
    source = Source(open_dataset(dataset, data_dir), split, until_ms)
    matched = match_maps(Path(folder), [source.image_id(i) for i in range(len(source))])
    _tell(matched, len(source))
    options = {"names": names, "baseline_split": baseline_split, "densities": densities}
    board = Scoreboard(source, convention, **options, trials=trials, seed=seed)
    if against:
        score_report.check_comparable(against, board.identity())  # before the work, not after it
    coarse = _add_maps(board, source, matched, convention)
    summary, scores = board.result()
    summary |= {"folder": str(folder), "missing": matched.missing, "maps_8_bit": len(coarse)}
    summary["versions"] = score_report.versions()
    if against:
        difference = score_report.compare(scores, summary, against, seed=seed)
        summary["against"] = {"file": str(against), "difference": difference}
    return summary, scores


def _add_maps(board: Scoreboard, source: Source, matched: Matched, convention: str) -> list[str]:
    """Puts every image that has a map on the board; returns, and warns of, the maps of 8 bit."""
    coarse = []
    doing = f"scoring {source.dataset.name} {source.title}"
    for i in track(range(len(source)), len(source), doing):
        example = source[i]
        if example.image_id not in matched.files:
            continue
        path = matched.files[example.image_id]
        read = read_map(path)
        coarse += [path.name] if read.bits == 8 else []
        board.add(example, to_image_size(read.values, example, convention, path))
    if coarse:
        log(
            f"warning: {len(coarse)} maps are 8 bit ({_some(coarse)}); rounding to 256 levels "
            "costs KL and IG most, and ties AUC; write float or 16-bit maps"
        )
    return coarse


def to_image_size(
    saliency: np.ndarray, example: Example, convention: str, path: Path
) -> np.ndarray:
    """The map at the image's size, float32 [height, width].

    mit: bicubic with a = -1/2, smoothed where it shrinks, as MATLAB's imresize (Pillow's is the
    same but for the outermost pixels); salicon: SciPy's zoom of order 3; tuebingen: a map of the
    size of the image FILE, where a dataset ships smaller files than were shown, is resized
    bilinearly; UserError for any other.
    """
    size = example.height, example.width
    if saliency.shape == size:
        return saliency
    if convention == "mit":
        resized = Image.fromarray(saliency).resize(size[::-1], Image.Resampling.BICUBIC)
        return np.asarray(resized)
    if convention == "salicon":
        factors = [to / of for to, of in zip(size, saliency.shape, strict=True)]
        return scipy.ndimage.zoom(saliency, factors, order=3)
    if saliency.shape == _file_size(example):
        resized = cv2.resize(saliency, size[::-1], interpolation=cv2.INTER_LINEAR)
        share = saliency.sum(dtype=np.float64) / (resized.sum(dtype=np.float64) or 1)
        return resized * np.float32(share)  # a density stays one
    raise UserError(
        f"{path}: the map is {saliency.shape}, the image {size} (height, width); convention "
        f"{convention} takes maps of the image's size only; resize it, or use mit"
    )


def _file_size(example: Example) -> tuple[int, int]:
    """(height, width) of the image as stored, which may be smaller than the stimulus."""
    with Image.open(io.BytesIO(example.image)) as opened:
        return opened.size[::-1]


def _tell(matched: Matched, images: int) -> None:
    """What did not match, on standard error."""
    if matched.missing:
        log(f"no map for {len(matched.missing)} of {images} images: {_some(matched.missing)}")
    if matched.surplus:
        names = [path.name for path in matched.surplus]
        log(f"{len(names)} files belong to no image of the split: {_some(names)}")
    if matched.doubled:
        names = [path.name for path in matched.doubled]
        log(f"{len(names)} files are not used, a finer one has their name: {_some(names)}")


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
