"""Scores a stream of images, each with one or more maps, at the images' own sizes.

Images come one by one from an iterator and go into shared size buckets, padded and masked, so that
a few compiled shapes serve all sizes. No batched metric asks where a pixel lies, so an image's
pixels are laid out in rows of one width, and images of equal area share a bucket whatever their
shape. (EMD does ask; it is computed per image, on the host.)
Memory is bounded by the batches of the buckets that are open, whatever the number of images.
"""

from collections.abc import Iterable
from typing import NamedTuple

import jax
import numpy as np

from samjax.errors import UserError
from samjax.metrics import compute
from samjax.metrics.batch import fixated_limit
from samjax.metrics.conventions import ON_HOST, check_names, default_names
from samjax.metrics.emd import emd

BATCH_PIXELS = 2**21
MAX_BATCH = 16
MAX_OPEN_PIXELS = 2**24  # all buckets together
ROW = 256
OPTIONAL = ("others", "center_bias")

# A map [H, W], or maps by the metrics they are for: {("CC", "KL"): map, (): map of all others}.
Map = np.ndarray | dict[tuple[str, ...], np.ndarray]


class Case(NamedTuple):
    """One image to be scored.

    maps: name of a method -> its map; counts [H, W]: fixations per pixel; density [H, W]: empirical
    density, any sum; others [H, W]: counts of other images' fixations, for sAUC; center_bias
    [H, W]: a density, for IG; all of the image's original size.
    """

    image_id: str
    maps: dict[str, Map]
    counts: np.ndarray
    density: np.ndarray
    others: np.ndarray | None = None
    center_bias: np.ndarray | None = None


class Scores(NamedTuple):
    """image_ids [N] in the order of the stream; values: method -> metric -> [N] float64, nan: none.

    not_finite: (image_id, method) of maps with nan or infinity, which have no score.
    num_fixations: [N], how many an image has.
    """

    image_ids: list[str]
    values: dict[str, dict[str, np.ndarray]]
    not_finite: list[tuple[str, str]]
    num_fixations: np.ndarray


def concatenate(parts: list[tuple[Scores, list[int]]]) -> Scores:
    """Several scores of one split as one, by the positions of their cases in it; cases of equal
    position stay in their order."""
    order = np.argsort(np.concatenate([p for _, p in parts]), kind="stable")
    scores = [part for part, _ in parts if part.image_ids]

    def rows(arrays: list) -> np.ndarray:
        return np.concatenate(arrays)[order]

    return Scores(
        [str(name) for name in rows([s.image_ids for s in scores])] if scores else [],
        {
            method: {name: rows([s.values[method][name] for s in scores]) for name in columns}
            for method, columns in (scores[0].values if scores else {}).items()
        },
        [bad for s in scores for bad in s.not_finite],
        rows([s.num_fixations for s in scores]) if scores else np.zeros(0),
    )


def score(cases: Iterable[Case], convention: str, names: Iterable[str] | None = None) -> Scores:
    """Scores every case; every case must have the same methods. UserError: sizes differ."""
    scorer = Scorer(convention, names)
    for case in cases:
        scorer.add(case)
    return scorer.result()


class Scorer:
    """Takes cases one by one, scores them in batches; names: of metrics (default: all but EMD)."""

    def __init__(self, convention: str, names: Iterable[str] | None = None):
        self._convention = convention
        self._names = check_names(convention, tuple(names or ()))
        self._buckets: dict[int, list[tuple[int, Case]]] = {}
        self._ids: list[str] = []
        self._bad: list[tuple[str, str]] = []
        self._fixations: list[float] = []
        self._values: dict[str, list[dict[str, float]]] = {}

    def add(self, case: Case) -> None:
        if not self._ids and not self._names:
            given = [name for name in OPTIONAL if getattr(case, name) is not None]
            self._names = default_names(self._convention, given)
        index = len(self._ids)
        self._ids.append(case.image_id)
        self._fixations.append(float(case.counts.sum()))
        for method, saliency in case.maps.items():
            self._check(case, method, saliency)
            row = {"EMD": _emd(saliency, case)} if "EMD" in self._names else {}
            self._values.setdefault(method, []).append(row)
        size = bucket_size(case.counts.size)
        self._buckets.setdefault(size, []).append((index, case))
        if len(self._buckets[size]) == _batch_size(size):
            self._flush(size)
        elif sum(s * len(batch) for s, batch in self._buckets.items()) > MAX_OPEN_PIXELS:
            self._flush(max(self._buckets, key=lambda s: s * len(self._buckets[s])))

    def result(self) -> Scores:
        for size in list(self._buckets):
            self._flush(size)
        names = self._names or default_names(self._convention, ())
        values = {
            method: {name: np.array([row[name] for row in rows], np.float64) for name in names}
            for method, rows in self._values.items()
        }
        return Scores(self._ids, values, self._bad, np.array(self._fixations))

    def _check(self, case: Case, method: str, saliency: Map) -> None:
        for image in [saliency] if isinstance(saliency, np.ndarray) else saliency.values():
            if image.shape != case.counts.shape:
                raise UserError(
                    f"{case.image_id}: the map of {method} is {image.shape}, the image is "
                    f"{case.counts.shape} (height, width); resize the map to the image"
                )
            if not np.isfinite(image).all() and (case.image_id, method) not in self._bad:
                self._bad.append((case.image_id, method))

    def _flush(self, size: int) -> None:
        batch = self._buckets.pop(size)
        names = tuple(name for name in self._names if name not in ON_HOST)
        for method, scored in _score_batch([c for _, c in batch], self._convention, names).items():
            for k, (index, _) in enumerate(batch):
                self._values[method][index] |= {n: float(v[k]) for n, v in scored.items()}


def map_for(saliency: Map, name: str) -> np.ndarray:
    """The map that a metric is given."""
    if isinstance(saliency, np.ndarray):
        return saliency
    return next((image for names, image in saliency.items() if name in names), saliency.get(()))


def _emd(saliency: Map, case: Case) -> float:
    return emd(map_for(saliency, "EMD"), case.density)


def bucket_size(pixels: int) -> int:
    """The padded number of pixels that an image shares with others: 2^k or 1.5 * 2^k, k >= 12."""
    power = 1 << max((pixels - 1).bit_length(), 12)
    return power * 3 // 4 if pixels <= power * 3 // 4 and power > 2**12 else power


def _batch_size(size: int) -> int:
    return int(np.clip(BATCH_PIXELS // size, 1, MAX_BATCH))


def _score_batch(cases: list[Case], convention: str, names: tuple[str, ...]) -> dict[str, dict]:
    """method -> metric -> [B] for the cases of one bucket."""
    size = bucket_size(cases[0].counts.size)
    frame = (_batch_size(size), size // ROW, ROW)
    mask = _stack([np.ones(case.counts.shape, bool) for case in cases], frame, bool)
    counts = _stack([case.counts for case in cases], frame)
    more = {
        name: _stack([getattr(case, name) for case in cases], frame)
        for name in OPTIONAL
        if getattr(cases[0], name) is not None
    }
    truth = jax.device_put((counts, _stack([case.density for case in cases], frame), mask))
    more = jax.device_put(more) | {"limit": fixated_limit(counts)}
    scored: dict[str, dict] = {method: {} for method in cases[0].maps}
    for method, saliency in cases[0].maps.items():
        for group in _groups(saliency, names):
            maps = _stack([map_for(case.maps[method], group[0]) for case in cases], frame)
            values = compute(convention, maps, *truth, names=group, **more)
            scored[method] |= jax.device_get(values)
    return scored


def _groups(saliency: Map, names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The metrics that are given the same map, together."""
    if isinstance(saliency, np.ndarray):
        return [names]
    groups: dict[int, list[str]] = {}
    for name in names:
        groups.setdefault(id(map_for(saliency, name)), []).append(name)
    return [tuple(group) for group in groups.values()]


def _stack(maps: list[np.ndarray], frame: tuple[int, int, int], dtype=np.float32) -> np.ndarray:
    """The pixels of maps [H, W] of several sizes, at the start of the rows of a zero batch."""
    batch = np.zeros((frame[0], frame[1] * frame[2]), dtype)
    for row, image in zip(batch, maps, strict=False):
        row[: image.size] = image.ravel()
    return batch.reshape(frame)
