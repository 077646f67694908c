"""Scores a folder of anyone's maps over a split: `samjax score` as a function."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from samjax.console.log import log
from samjax.console.progress import track
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError
from samjax.evaluation import score_report
from samjax.evaluation.given_maps import NOTHING_SAID, Failures, MapOptions, read_given
from samjax.evaluation.map_matching import MatchedMaps, match_maps
from samjax.evaluation.map_resizing import size_of, to_image_size
from samjax.evaluation.scoreboard import Scoreboard
from samjax.evaluation.scores import Scores
from samjax.evaluation.versions import versions
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
    summary["versions"] = versions()
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
