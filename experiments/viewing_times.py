"""What two models say of where people have looked by a time, against where they had."""

from collections.abc import Iterator, Sequence
from typing import Any

from samjax.console.progress import track
from samjax.data.dataset import Dataset
from samjax.data.sources import Source
from samjax.errors import UserError
from samjax.evaluation.intervals import interval, paired_difference
from samjax.evaluation.scoreboard import Scoreboard
from samjax.evaluation.split_maps import split_maps
from samjax.prediction.predictor import Predictor

TIMED, OTHER, DIFFERENCE = "with times", "without times", "difference"
METRICS = ("NSS", "CC", "KL")
BATCH = 8


def compare(
    timed: Predictor, other: Predictor, dataset: Dataset, split: str
) -> Iterator[dict[str, Any]]:
    """Yield the scores of both models for each viewing time of the first.

    Args:
        timed: A model that was trained with viewing times; each of its timesteps is scored against
            the fixations that begin by its time.
        other: A model without times, whose map is the same for all of them.
        dataset: A prepared dataset with the durations of fixations.
        split: One of its splits.

    Yields:
        The dataset, the time, and by model and metric the mean over the images with its interval,
        and so for the differences of the images' scores.

    Raises:
        UserError: The first model knows no times, or the dataset no durations.
    """
    times = timed.facts.viewing_times_ms
    if not times:
        raise UserError(f"{timed.origin} was not trained with viewing times; name one that was")
    sources = [Source(dataset, split, time) for time in times]
    boards = [
        Scoreboard(source, names=METRICS, baseline_split=None, baselines=False, trials=0)
        for source in sources
    ]
    for position, maps in _maps(timed, other, sources[-1], len(times)):
        for board, source, by_model in zip(boards, sources, maps, strict=True):
            board.add(source[position], by_model, position)
    for time, board in zip(times, boards, strict=True):
        yield {"dataset": dataset.name, "viewing_time_ms": time} | _summary(board)


def _maps(
    timed: Predictor, other: Predictor, source: Source, timesteps: int
) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Yield the position of each image, and for each timestep the maps of both models."""
    of_other = {position: maps[0] for position, maps in split_maps(other, source, BATCH)}
    steps: Sequence[int] = range(1, timesteps + 1)
    images = split_maps(timed, source, BATCH, timesteps=steps)
    for position, maps in track(images, len(source), f"scoring {source.title}"):
        yield position, [{TIMED: saliency, OTHER: of_other[position]} for saliency in maps]


def _summary(board: Scoreboard) -> dict[str, Any]:
    """Return means and intervals of both models and of their differences, by metric."""
    values = {name: board.result(name)[1].values["model"] for name in (TIMED, OTHER)}
    found: dict[str, Any] = {
        name: {metric: interval(scores[metric])._asdict() for metric in METRICS}
        for name, scores in values.items()
    }
    found[DIFFERENCE] = {
        metric: paired_difference(values[TIMED][metric], values[OTHER][metric])._asdict()
        for metric in METRICS
    }
    return found
