"""Scores maps over a split beside their baselines: what `evaluate` and `samjax score` share.

    board = Scoreboard(source, "mit")
    for example, saliency in maps:
        board.add(example, saliency)
    summary, scores = board.result()

Baselines: see `baselines`, `center_bias` and `observers`. Observers are scored against one held-out
subject at a time; the model and the center bias are scored against the same subjects, and
"fraction" says how far the model is on the way from center bias to observers.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from functools import lru_cache

import numpy as np

from samjax.console.log import log
from samjax.data.example import Example
from samjax.data.images import decode_density
from samjax.data.sources import Source
from samjax.errors import UserError
from samjax.evaluation import baselines, intervals, observers, score_report
from samjax.evaluation.center_bias import CenterBias, fit_center_bias
from samjax.evaluation.score_report import MODEL
from samjax.evaluation.scores import Case, Map, Scorer, Scores, concatenate
from samjax.metrics import metric_names
from samjax.metrics.conventions import check_names
from samjax.metrics.ground_truth import SALICON_SIGMA, count_map, density_map
from samjax.metrics.optimal import optimal_maps
from samjax.metrics.shuffled import OtherFixations
from samjax.parallel.processes import all_gather_objects

OBSERVERS, CENTER = "observers", "center bias"
LADDER = (MODEL, CENTER, OBSERVERS)
TRIALS = 500  # held-out subjects over the whole split


class Scoreboard:
    """Takes a map per image; gives scores, baselines, differences and fractions.

    convention, names: of the metrics (default: all that the data allow, but not EMD).
    baseline_split: where the center bias and the mean density come from (None, or a split that the
    dataset lacks: left out, and IG with them). baselines: whether they are scored too. densities:
    whether the maps are densities, so that `tuebingen` gives each metric its own optimal map.
    trials: held-out subjects in all, spread over the images; 0: no observers.
    """

    def __init__(
        self,
        source: Source,
        convention: str = "mit",
        *,
        names: Iterable[str] = (),
        baseline_split: str | None = "train",
        baselines: bool = True,
        densities: bool = False,
        trials: int = TRIALS,
        seed: int = 0,
    ):
        metric_names(convention)  # an unknown convention fails before the work, not after it
        names = check_names(convention, names)
        self._source, self._convention, self._seed = source, convention, seed
        self._others = OtherFixations(
            ((e.image_id, e.points, e.height, e.width) for e in _without_images(source)), seed
        )
        self._per_image = -(-trials // max(len(source), 1))
        self._center, self._mean = _fitted(source, baseline_split)
        self._baselines, self._models = baselines, (MODEL,)
        self._optimal = densities and convention == "tuebingen"
        self._draw = lru_cache(maxsize=4)(self._drawn)
        self._scorer, self._held_out = (Scorer(convention, names) for _ in range(2))
        self._positions: list[int] = []  # in the split, of what was added
        self._held_out_positions: list[int] = []

    def add(
        self,
        example: Example,
        saliency: np.ndarray | dict[str, np.ndarray],
        position: int | None = None,
    ) -> None:
        """The map of an image, or the maps of several models, the same ones for every image.

        position: of the image in the split; None: behind the one before.
        """
        if position is None:
            position = self._positions[-1] + 1 if self._positions else 0
        self._positions.append(position)
        models = saliency if isinstance(saliency, dict) else {MODEL: saliency}
        self._models, size = tuple(models), (example.height, example.width)
        counts, density = ground_truth(example, self._convention)
        ours = {name: self._variants(m, example) for name, m in models.items()}
        drawn = self._draw(*size)
        truth = {
            "others": self._others.counts(example.image_id, *size, self._convention),
            "center_bias": drawn.get(CENTER),
        }
        maps = ours | drawn if self._baselines else ours
        self._scorer.add(Case(example.image_id, maps, counts, density, **truth))
        for trial in observers.trials(example, self._convention, self._per_image, position):
            self._held_out_positions.append(position)
            maps = {**ours, OBSERVERS: observer_map(trial.prediction, drawn)}
            maps |= {CENTER: drawn[CENTER]} if CENTER in drawn else {}
            self._held_out.add(Case(example.image_id, maps, trial.counts, trial.density, **truth))

    def result(self, model: str = MODEL) -> tuple[dict, Scores]:
        """The summary, which says what produced it, and the scores per image in the order of the
        split, of one model: those of all processes, each of which must call this."""
        scores, held_out = (
            select_model(
                concatenate(all_gather_objects((scorer.result(), positions))), model, self._models
            )
            for scorer, positions in (
                (self._scorer, self._positions),
                (self._held_out, self._held_out_positions),
            )
        )
        held_out = observers.per_image(held_out)
        summary = {**self.identity(), **score_report.summarise(scores, seed=self._seed)}
        if OBSERVERS in held_out.values:
            estimates = {
                name: intervals.interval(values, seed=self._seed)._asdict()
                for name, values in held_out.values[OBSERVERS].items()
            }
            summary["scores"][OBSERVERS] = estimates
            summary["fraction"] = observers.fractions(held_out, LADDER)
            summary["trials_per_image"] = self._per_image
        return summary, scores

    def identity(self) -> dict:
        """What makes two results comparable, and what they were computed with."""
        dataset = self._source.dataset
        sigma = asdict(dataset.sigma)
        if self._convention == "salicon":
            sigma = {"pixels": None, "fraction": SALICON_SIGMA, "screen": None}
        return {
            "dataset": dataset.name,
            "edition": dataset.edition,
            "split": self._source.title,
            "convention": self._convention,
            "resolution": "original",
            "sigma": sigma,
            "maps": "each metric's own" if self._optimal else "one for all metrics",
            "center_bias": _fit_facts(self._center),
        }

    def _drawn(self, height: int, width: int) -> dict[str, np.ndarray]:
        maps = {
            "uniform": baselines.uniform(height, width),
            "center Gaussian": baselines.center_gaussian(height, width),
        }
        if self._mean is not None:
            mean = baselines.resize_density(self._mean, height, width)
            maps["mean density"] = mean.astype(np.float32)
        if self._center is not None:
            maps[CENTER] = self._center.draw(height, width)
        return maps

    def _variants(self, saliency: np.ndarray, example: Example) -> Map:
        if not self._optimal:
            return saliency
        center = self._draw(example.height, example.width).get(CENTER)
        count = max(len(example.points), 1)
        return optimal_maps(saliency, example.sigma_px, count, center)


def ground_truth(example: Example, convention: str) -> tuple[np.ndarray, np.ndarray]:
    """Counts and density [height, width] of an example; the published density, if that is all."""
    size = example.height, example.width
    counts = count_map(example.points, *size)
    if len(example.points) or not example.density:
        return counts, density_map(counts, example.sigma_px, convention)
    published = baselines.resize_density(decode_density(example.density), *size)
    return counts, published.astype(np.float32)


def observer_map(prediction: np.ndarray, drawn: dict) -> Map:
    if CENTER not in drawn:
        return prediction
    return {("IG", "LL"): observers.with_center(prediction, drawn[CENTER]), (): prediction}


def select_model(scores: Scores, model: str, models: tuple[str, ...]) -> Scores:
    """The scores of one of several models, called MODEL, and of all that is no model."""
    names = {name: name for name in scores.values if name not in models}
    names = {model: MODEL} | names if model in scores.values else names
    return scores._replace(
        values={name: scores.values[method] for method, name in names.items()},
        not_finite=[(i, names[method]) for i, method in scores.not_finite if method in names],
    )


def _fitted(source: Source, split: str | None) -> tuple[CenterBias | None, np.ndarray | None]:
    """Center bias and mean density of a split, of the same stretch of time as the source."""
    if split is None:
        return None, None
    try:
        examples = list(_without_images(Source(source.dataset, split, source.until_ms)))
        return fit_center_bias(examples), baselines.mean_density(examples)
    except UserError as error:
        log(f"without the baselines 'center bias' and 'mean density', and without IG: {error}")
        return None, None


def _without_images(source: Source) -> Iterator[Example]:
    """The examples of a source, their encoded images let go: a whole split then fits in memory."""
    for i in range(len(source)):
        yield replace(source[i], image=b"", density=b"")


def _fit_facts(center: CenterBias | None) -> dict | None:
    if center is None:
        return None
    return {"bandwidth": center.bandwidth, "uniform_share": center.share, "gain": center.gain}
