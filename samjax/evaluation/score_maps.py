"""Scores a folder of anyone's maps over a split: `samjax score` as a function."""

from collections.abc import Sequence
from dataclasses import dataclass, field
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
from samjax.data.images import image_header
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError
from samjax.evaluation import score_report
from samjax.evaluation.given_maps import NOTHING_SAID, Failures, MapOptions, read_given
from samjax.evaluation.map_matching import MatchedMaps, match_maps
from samjax.evaluation.map_sizes import ImageSize
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
    maps: MapOptions = NOTHING_SAID,
    **options: Any,
) -> tuple[dict[str, Any], Scores]:
    """Score the maps FOLDER/STEM.* of a split.

    Images without a map, or with one that cannot be used, are left out and named.

    Args:
        dataset: The name of a prepared dataset.
        split: One of its splits.
        folder: Where the maps are, in any format of `map_files`.
        convention: "mit", "tuebingen" or "salicon".
        data_dir: Where prepared datasets are.
        seed: Of every random draw.
        against: A per-image CSV. The summary then has "against" with the paired differences.
        until_ms: See `Source`.
        maps: What the user says about the maps. Where nothing was said of their values and they
            are densities by `options`, they must be.
        options: names, baseline_split, densities and trials, see `Scoreboard`.

    Returns:
        The summary, and the scores per image, see `Scoreboard.result`. The summary has in "failed"
        why maps could not be used, by image.

    Raises:
        UserError: Something that is named does not exist, no map can be used, or the scores of
            `against` are not comparable.
    """
    maps.check()
    if options.get("densities") and not maps.values:
        maps = maps._replace(values="density")
    metric_names(convention)  # an unknown convention fails before the work, not after it
    source = Source(open_dataset(dataset, data_dir), split, until_ms)
    matched = match_maps(Path(folder), [source.image_id(i) for i in range(len(source))])
    _log_unmatched(matched, len(source))
    board = Scoreboard(source, convention, seed=seed, **options)
    if against:
        score_report.check_comparable(against, board.identity())  # before the work, too
    used = _add_maps(board, source, matched, convention, maps)
    summary, scores = board.result()
    summary |= {"folder": str(folder), "missing": matched.missing, "maps_8_bit": len(used.coarse)}
    summary |= {"blank": used.blank, "failed": used.failures.lines, "values": maps.values}
    summary["versions"] = score_report.versions()
    if against:
        difference = score_report.compare(scores, summary, against, seed=seed)
        summary["against"] = {"file": str(against), "difference": difference}
    return summary, scores


@dataclass
class _Used:
    """What became of the maps: the names of those of 8 bit, the blank ones, and the failures."""

    coarse: list[str] = field(default_factory=list)
    blank: list[str] = field(default_factory=list)
    failures: Failures = field(default_factory=Failures)


def _add_maps(
    board: Scoreboard, source: Source, matched: MatchedMaps, convention: str, maps: MapOptions
) -> _Used:
    """Add every image that has a map, and say what needs care.

    Raises:
        UserError: No map can be used.
    """
    used, added = _Used(), 0
    doing = f"scoring {source.dataset.name} {source.title}"
    for i in track(range(len(source)), len(source), doing):
        example = source[i]
        paths = matched.files.get(example.image_id)
        if not paths:
            continue
        try:
            given = read_given(paths, size_of(example), maps)
            saliency = to_image_size(given.values, example, convention, paths[0])
        except (UserError, OSError, MemoryError) as error:
            used.failures.note(example.image_id, error)
            continue
        if given.bits == 8:
            used.coarse.append(paths[0].name)
        if given.is_blank:
            used.blank.append(paths[0].name)
        board.add(example, saliency, i)
        added += 1
    used.failures.require_some(added)
    _log_care(used)
    return used


def _log_care(used: _Used) -> None:
    """Warn of maps that score worse than they need to."""
    if used.coarse:
        log(
            f"warning: {len(used.coarse)} maps are 8 bit ({_some(used.coarse)}); rounding to 256 "
            "levels costs KL and IG most, and ties AUC; write float or 16-bit maps"
        )
    if used.blank:
        log(
            f"warning: {len(used.blank)} maps are blank, one value everywhere ({_some(used.blank)})"
            "; they score as a map that says nothing"
        )


def size_of(example: Example) -> ImageSize:
    """Return the sizes of an example's stimulus and of its file, and its EXIF orientation."""
    stored, orientation = image_header(example.image)
    return ImageSize((example.height, example.width), stored, orientation)


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
    if saliency.shape == size_of(example).stored:
        resized = cv2.resize(saliency, size[::-1], interpolation=cv2.INTER_LINEAR)
        ratio = saliency.sum(dtype=np.float64) / (resized.sum(dtype=np.float64) or 1)
        return resized * np.float32(ratio)  # a density keeps its sum
    raise UserError(
        f"{path}: the map is {saliency.shape}, the image {size} (height, width); convention "
        f"{convention} takes maps of the image's size only; resize it, or use mit"
    )


def _log_unmatched(matched: MatchedMaps, num_images: int) -> None:
    """Say on standard error which images have no map, and which files are not used."""
    if matched.missing:
        names = _some(matched.missing)
        log(f"no map for {len(matched.missing)} of {num_images} images: {names}")
    if matched.surplus:
        names = _some([path.name for path in matched.surplus])
        log(f"{len(matched.surplus)} files belong to no image of the split: {names}")


def _some(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
