"""Scores a stream of images, each with one or more maps, at the images' own sizes.

Images come one by one and are scored in batches (see `buckets`). Memory is bounded by the batches
of the buckets that are open, whatever the number of images.
"""

from collections.abc import Iterable
from typing import NamedTuple

import jax
import numpy as np

from samjax.errors import UserError
from samjax.evaluation import buckets
from samjax.evaluation.scores import ScoredImage, Scores
from samjax.metrics.batch import compute_checked, fixated_limit
from samjax.metrics.conventions import ON_HOST, check_names, default_names
from samjax.metrics.emd import emd
from samjax.metrics.map_values import refuse_logs
from samjax.metrics.optimal import MetricMaps

MAX_OPEN_PIXELS = 2**24  # all buckets together
OPTIONAL_MAPS = ("others", "center_bias")


class _Waiting(NamedTuple):
    """An image in a bucket: its place in the stream, and its maps by method."""

    position: int
    image: ScoredImage
    maps: dict[str, MetricMaps]


def score(
    images: Iterable[ScoredImage], convention: str, names: Iterable[str] | None = None
) -> Scores:
    """Score every image; see `Scorer`."""
    scorer = Scorer(convention, names)
    for image in images:
        scorer.add(image)
    return scorer.result()


class Scorer:
    """Takes images one by one and scores them in batches.

    All images must have the same methods, and the same optional maps.
    """

    def __init__(self, convention: str, names: Iterable[str] | None = None) -> None:
        """Prepare for images.

        Args:
            convention: "mit", "tuebingen" or "salicon".
            names: Of the metrics; by default all that the first image's maps allow, but not EMD.

        Raises:
            UserError: There is no such convention or metric.
        """
        self._convention = convention
        self._names = check_names(convention, tuple(names or ()))
        self._buckets: dict[int, list[_Waiting]] = {}
        self._image_ids: list[str] = []
        self._not_finite: list[tuple[str, str]] = []
        self._num_fixations: list[float] = []
        self._values: dict[str, list[dict[str, float]]] = {}

    def add(self, image: ScoredImage) -> None:
        """Add an image, and score its bucket if that is full.

        Raises:
            UserError: A map has another size than the image, or holds the logarithms of a density.
        """
        if not self._image_ids and not self._names:
            given = [name for name in OPTIONAL_MAPS if getattr(image, name) is not None]
            self._names = default_names(self._convention, given)
        position = len(self._image_ids)
        self._image_ids.append(image.image_id)
        self._num_fixations.append(float(image.counts.sum()))
        waiting = _Waiting(position, image, {m: _metric_maps(v) for m, v in image.maps.items()})
        for method, maps in waiting.maps.items():
            self._check(image, method, maps)
            row = {"EMD": emd(maps.of("EMD"), image.density)} if "EMD" in self._names else {}
            self._values.setdefault(method, []).append(row)
        size = buckets.bucket_size(image.counts.size)
        self._buckets.setdefault(size, []).append(waiting)
        if len(self._buckets[size]) == buckets.batch_size(size):
            self._flush(size)
        # Many sizes could keep as many buckets half full; the fullest goes first.
        elif sum(self._open_pixels(size) for size in self._buckets) > MAX_OPEN_PIXELS:
            self._flush(max(self._buckets, key=self._open_pixels))

    def result(self) -> Scores:
        """Score what still waits, and return the scores of all images in their order."""
        for size in list(self._buckets):
            self._flush(size)
        names = self._names or default_names(self._convention, ())
        values: dict[str, dict[str, np.ndarray]] = {}
        for method, rows in self._values.items():
            values[method] = {n: np.array([row[n] for row in rows], np.float64) for n in names}
        return Scores(self._image_ids, values, self._not_finite, np.array(self._num_fixations))

    def _check(self, image: ScoredImage, method: str, maps: MetricMaps) -> None:
        """Refuse maps of another size than the image, and note those that are not finite."""
        for values in maps.all():
            if values.shape != image.counts.shape:
                raise UserError(
                    f"{image.image_id}: the map of {method} is {values.shape}, the image is "
                    f"{image.counts.shape} (height, width); resize the map to the image"
                )
            refuse_logs(values, f"{image.image_id}: the map of {method}")
            finite = np.isfinite(values).all()
            if not finite and (image.image_id, method) not in self._not_finite:
                self._not_finite.append((image.image_id, method))

    def _open_pixels(self, size: int) -> int:
        """Return how many pixels wait in the bucket of this size."""
        return size * len(self._buckets[size])

    def _flush(self, size: int) -> None:
        """Score the images of a bucket and empty it."""
        batch = self._buckets.pop(size)
        names = tuple(name for name in self._names if name not in ON_HOST)
        for method, scores in _score_batch(batch, size, self._convention, names).items():
            for k, waiting in enumerate(batch):
                row = {name: float(values[k]) for name, values in scores.items()}
                self._values[method][waiting.position] |= row


def _metric_maps(maps: np.ndarray | MetricMaps) -> MetricMaps:
    """Return one map for all metrics in the form of maps by metric."""
    # Two forms come in, so that callers need not wrap the usual single map; one goes on.
    return maps if isinstance(maps, MetricMaps) else MetricMaps(maps, {})


def _score_batch(
    batch: list[_Waiting], size: int, convention: str, names: tuple[str, ...]
) -> dict[str, dict[str, np.ndarray]]:
    """Return the scores [B] of the images of one bucket, by method and metric."""
    images = [waiting.image for waiting in batch]
    counts = buckets.stack([image.counts for image in images], size)
    density = buckets.stack([image.density for image in images], size)
    mask = buckets.stack([np.ones(image.counts.shape, bool) for image in images], size, bool)
    optional = {}
    for name in OPTIONAL_MAPS:
        if getattr(images[0], name) is not None:
            optional[name] = buckets.stack([getattr(image, name) for image in images], size)
    # On the device once, not once per method.
    arrays = {"counts": counts, "density": density, "mask": mask}
    truth, optional = jax.device_put((arrays, optional))
    limit = fixated_limit(counts)
    scores: dict[str, dict[str, np.ndarray]] = {method: {} for method in batch[0].maps}
    for method, maps in batch[0].maps.items():
        for group in maps.groups(names):
            saliency = buckets.stack([w.maps[method].of(group[0]) for w in batch], size)
            values = compute_checked(convention, saliency, truth, optional, limit, group)
            scores[method] |= jax.device_get(values)
    return scores
