"""Scores maps over a split beside their baselines: what `evaluate` and `samjax score` share.

    board = Scoreboard(source, "mit")
    for example, saliency in maps:
        board.add(example, saliency)
    summary, scores = board.result()

Baselines: see `baselines`, `center_bias` and `observers`. Observers are scored against one held-out
subject at a time; the model and the center bias are scored against the same subjects, and
"fraction" says how far the model is on the way from center bias to observers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from jaxtyping import Float

from samjax.data.example import Example
from samjax.data.images import decode_density
from samjax.data.sources import Source
from samjax.evaluation import baselines, intervals, observers, score_report
from samjax.evaluation.baseline_maps import CENTER, BaselineMaps, without_images
from samjax.evaluation.scorer import Scorer
from samjax.evaluation.scores import MODEL, ScoredImage, Scores, concatenate, select_model
from samjax.metrics.conventions import check_names
from samjax.metrics.ground_truth import SALICON_SIGMA, count_map, density_map
from samjax.metrics.optimal import MetricMaps, optimal_maps
from samjax.metrics.shuffled import OtherFixations
from samjax.parallel.processes import all_gather_objects

OBSERVERS = "observers"
LADDER = observers.Ladder(model=MODEL, center_bias=CENTER, observers=OBSERVERS)
TRIALS = 500  # held-out subjects over the whole split


class Scoreboard:
    """Takes a map per image; gives scores, baselines, differences and fractions."""

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
    ) -> None:
        """Fit the baselines to their split.

        Args:
            source: The split whose images are scored.
            convention: "mit", "tuebingen" or "salicon".
            names: Of the metrics; by default all that the data allow, but not EMD.
            baseline_split: Of the center bias and the mean density. With None, or a split that the
                dataset lacks, they are left out, and IG with them.
            baselines: Whether the baselines are scored too.
            densities: Whether the maps are densities, so that `tuebingen` gives each metric its own
                optimal map.
            trials: Held-out subjects in all, spread over the images; 0: no observers.
            seed: Of every random draw.

        Raises:
            UserError: There is no such convention or metric.
        """
        names = check_names(convention, tuple(names))  # before the work, not after it
        self._source, self._convention, self._seed = source, convention, seed
        points = ((e.image_id, e.points, e.height, e.width) for e in without_images(source))
        self._others = OtherFixations(points, seed)
        self._trials_per_image = -(-trials // max(len(source), 1))
        self._baseline_maps = BaselineMaps(source, baseline_split)
        self._scores_baselines = baselines
        self._takes_optimal_maps = densities and convention == "tuebingen"
        self._models: tuple[str, ...] = (MODEL,)
        self._scorer = Scorer(convention, names)
        self._held_out_scorer = Scorer(convention, names)
        self._positions: list[int] = []  # in the split, of the images that were added
        self._held_out_positions: list[int] = []

    def add(
        self,
        example: Example,
        saliency: np.ndarray | Mapping[str, np.ndarray],
        position: int | None = None,
    ) -> None:
        """Add an image with its map.

        Args:
            example: The image.
            saliency: Its map [H, W], at the original size; or the maps of several models by their
                names, which must be the same for every image.
            position: Of the image in the split; if None, behind the image added before.

        Raises:
            UserError: A map has another size than the image.
        """
        if position is None:
            position = self._positions[-1] + 1 if self._positions else 0
        self._positions.append(position)
        models = {MODEL: saliency} if isinstance(saliency, np.ndarray) else saliency
        self._models = tuple(models)
        size = example.height, example.width
        counts, density = ground_truth(example, self._convention)
        ours = {name: self._maps_by_metric(values, example) for name, values in models.items()}
        baseline_maps = self._baseline_maps.draw(*size)
        center_bias = baseline_maps.get(CENTER)
        others = self._others.counts(example.image_id, *size, self._convention)
        maps = {**ours, **baseline_maps} if self._scores_baselines else ours
        self._scorer.add(ScoredImage(example.image_id, maps, counts, density, others, center_bias))
        # The model and the center bias meet the observers on the observers' own ground.
        compared = ours if center_bias is None else {**ours, CENTER: center_bias}
        trials = observers.trials(example, self._convention, self._trials_per_image, position)
        for trial in trials:
            self._held_out_positions.append(position)
            maps = {**compared, OBSERVERS: observers.observer_map(trial.prediction, center_bias)}
            self._held_out_scorer.add(
                ScoredImage(
                    example.image_id, maps, trial.counts, trial.density, others, center_bias
                )
            )

    def result(self, model: str = MODEL) -> tuple[dict[str, Any], Scores]:
        """Return the summary and the scores per image of one model, in the order of the split.

        They cover the images of all processes, each of which must call this. The summary, ready for
        JSON, says what produced it; see `identity` and `score_report.summarise`.
        """
        scores = self._gather(self._scorer, self._positions, model)
        held_out = self._gather(self._held_out_scorer, self._held_out_positions, model)
        held_out = observers.per_image(held_out)
        summary = {**self.identity(), **score_report.summarise(scores, seed=self._seed)}
        if OBSERVERS in held_out.values:
            estimates = {}
            for name, values in held_out.values[OBSERVERS].items():
                estimates[name] = intervals.interval(values, seed=self._seed)._asdict()
            summary["scores"][OBSERVERS] = estimates
            summary["fraction"] = observers.fractions(held_out, LADDER)
            summary["trials_per_image"] = self._trials_per_image
        return summary, scores

    def _gather(self, scorer: Scorer, positions: list[int], model: str) -> Scores:
        """Return the scores of one model and of the baselines from all processes."""
        parts = all_gather_objects((scorer.result(), positions))
        return select_model(concatenate(parts), model, self._models)

    def identity(self) -> dict[str, Any]:
        """Return what makes two results comparable, and what they were computed with."""
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
            "maps": "each metric's own" if self._takes_optimal_maps else "one for all metrics",
            "center_bias": self._baseline_maps.facts(),
        }

    def _maps_by_metric(self, saliency: np.ndarray, example: Example) -> np.ndarray | MetricMaps:
        """Return a model's map, or where maps are densities each metric's own best one."""
        if not self._takes_optimal_maps:
            return saliency
        center_bias = self._baseline_maps.draw(example.height, example.width).get(CENTER)
        num_fixations = max(len(example.points), 1)
        return optimal_maps(saliency, example.sigma_px, num_fixations, center_bias)


def ground_truth(
    example: Example, convention: str
) -> tuple[Float[np.ndarray, "H W"], Float[np.ndarray, "H W"]]:
    """Return the counts and the density of an example, float32, at its original size.

    The density is that of its fixations, or the published one where it has none.
    """
    size = example.height, example.width
    counts = count_map(example.points, *size)
    if len(example.points) or not example.density:
        return counts, density_map(counts, example.sigma_px, convention)
    published = baselines.resize_density(decode_density(example.density), *size)
    return counts, published.astype(np.float32)
