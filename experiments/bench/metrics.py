"""What scoring an image costs: all metrics of a convention together, beside pysaliency's.

The case: maps of 480 x 640, 300 fixations each, shuffled AUC against a million other fixations.
Run it on one core for figures that compare: `taskset -c 0 python -m experiments.benchmark`.
"""

import importlib.util
import time
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from experiments.bench.plan import Plan
from samjax.console.log import log
from samjax.data.geometry import from_fractions
from samjax.metrics import compute
from samjax.metrics.batch import fixated_limit
from samjax.metrics.conventions import CONVENTIONS, ON_HOST
from samjax.metrics.ground_truth import density_map, gaussian_blur
from samjax.metrics.shuffled import OtherFixations

HEIGHT, WIDTH = 480, 640
FIXATIONS = 300  # per image
OTHERS = 1_000_000  # fixations on other images
BATCH = 4  # images scored at once
REPEATS = 5
SIGMA = 24.0  # of one degree, pixels

Fixated = tuple[str, np.ndarray, int, int]
"""An image's name, its fixations [N, 2], and its height and width."""


def measure(plan: Plan) -> dict[str, Any]:
    """Return the seconds per image of each convention and, if it is installed, of pysaliency."""
    maps, images = _make_case()
    others = OtherFixations(images)
    image_ids = [name for name, *_ in images[:BATCH]]
    results: dict[str, Any] = {
        "height": HEIGHT,
        "width": WIDTH,
        "fixations": FIXATIONS,
        "other_fixations": OTHERS,
    }
    for convention in CONVENTIONS:
        log(f"  {convention}")
        score = _scoring(convention, maps, others, image_ids)
        results[f"seconds_{convention}"] = _best_seconds(score) / BATCH
    counting = _best_seconds(lambda: others.counts(image_ids[0], HEIGHT, WIDTH, "tuebingen"))
    results["seconds_other_counts"] = counting
    if importlib.util.find_spec("pysaliency"):
        log("  pysaliency")
        seconds = _time_pysaliency(maps[0], images)
        results |= {f"seconds_pysaliency_{name}": value for name, value in seconds.items()}
        total = results["seconds_pysaliency"] = sum(seconds.values())
        results["share_of_pysaliency"] = (results["seconds_tuebingen"] + counting) / total
    return results


def _make_case() -> tuple[np.ndarray, list[Fixated]]:
    """Return maps [B, H, W], and images enough for each to have OTHERS fixations on the others."""
    rng = np.random.default_rng(0)
    maps = [gaussian_blur(rng.random((HEIGHT, WIDTH)), 9.0) for _ in range(BATCH)]
    images = []
    for k in range(OTHERS // FIXATIONS + 2):
        fractions = np.clip(rng.normal(0.5, 0.2, (FIXATIONS, 2)), 0, 0.999)
        images.append((str(k), from_fractions(fractions, (WIDTH, HEIGHT)), HEIGHT, WIDTH))
    return np.stack(maps).astype(np.float32), images


def _scoring(
    convention: str, maps: np.ndarray, others: OtherFixations, image_ids: list[str]
) -> Callable:
    """Return a program that computes all batched metrics of a convention."""
    counts = np.stack([_own_counts(others, image_id) for image_id in image_ids])
    density = np.stack([density_map(c, SIGMA, convention) for c in counts])
    negatives = np.stack([others.counts(name, HEIGHT, WIDTH, convention) for name in image_ids])
    arrays = jax.device_put((maps, counts, density, np.ones(maps.shape, bool)))
    more = jax.device_put({"others": negatives, "center_bias": density.mean(0, keepdims=True)})
    more["center_bias"] = jax.numpy.broadcast_to(more["center_bias"], maps.shape)
    names = tuple(name for name in CONVENTIONS[convention] if name not in ON_HOST)
    limit = fixated_limit(jax.numpy.asarray(counts))
    return lambda: jax.block_until_ready(
        compute(convention, *arrays, **more, limit=limit, names=names)
    )


def _own_counts(others: OtherFixations, image_id: str) -> np.ndarray:
    """Return an image's count map: all fixations without those of the other images."""
    everything = others.counts("", HEIGHT, WIDTH, "tuebingen")
    return everything - others.counts(image_id, HEIGHT, WIDTH, "tuebingen")


def _best_seconds(call: Callable) -> float:
    """Return the shortest time of a few calls, after one that compiles."""
    call()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def _time_pysaliency(saliency: np.ndarray, images: list[Fixated]) -> dict[str, float]:
    """Return the seconds of each of pysaliency's own metrics on the map of the first image."""
    from pysaliency import roc
    from pysaliency.metrics import CC, NSS, SIM, MIT_KLDiv

    s = saliency.astype(float)
    pixels = [np.floor(points + 0.5).astype(int) for _, points, _, _ in images]
    x, y = pixels[0].T
    rest = np.concatenate(pixels[1:])
    counts = np.zeros(s.shape)
    np.add.at(counts, (y, x), 1)
    density = gaussian_blur(counts, SIGMA)
    unfixated = s[counts == 0]
    calls = {
        "NSS": lambda: NSS(s, x, y),
        "CC": lambda: CC(s, density),
        "SIM": lambda: SIM(s, density),
        "KL": lambda: MIT_KLDiv(s, density),
        "AUC": lambda: roc.general_rocs_per_positive(s[y, x], s.ravel()),
        "AUC_Judd": lambda: roc.general_roc(s[y, x], unfixated, judd=1),
        "sAUC": lambda: roc.general_rocs_per_positive(s[y, x], s[rest[:, 1], rest[:, 0]]),
    }
    return {name: _best_seconds(call) for name, call in calls.items()}
