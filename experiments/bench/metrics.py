"""What scoring an image costs: all metrics of a convention, and each beside pysaliency's.

The case: maps of 480 x 640, 300 fixations each, shuffled AUC against a million other fixations.
Run it on one core for figures that compare: `taskset -c 0 python -m experiments.benchmark`.
"""

import importlib.util
import time
from collections.abc import Callable, Iterator
from functools import partial

import jax
import numpy as np

from experiments.bench.cells import Cell, Cells, describe, run_cells
from experiments.bench.plan import Plan
from samjax.data.coordinates import from_fractions
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
OF_BOTH = ("NSS", "CC", "SIM", "KL", "AUC", "AUC_Judd", "sAUC")
"""The metrics of the convention "tuebingen" that pysaliency has."""
TOGETHER, ONE_BY_ONE = "all metrics together", "metric by metric"
COUNTING = "counts of other images' fixations"

Fixated = tuple[str, np.ndarray, int, int]
"""An image's name, its fixations [N, 2], and its height and width."""


def measure(plan: Plan) -> Cells:
    """Yield the seconds per image of each convention, and of each metric beside pysaliency's."""
    return run_cells({TOGETHER: _measure_conventions, ONE_BY_ONE: _measure_metrics}, plan)


def _measure_conventions() -> Cell:
    """Return the seconds per image of all metrics of a convention, by convention."""
    maps, images = _make_case()
    others = OtherFixations(images)
    image_ids = [name for name, *_ in images[:BATCH]]
    cell = {
        convention: _best_seconds(_scoring(convention, maps, others, image_ids)) / BATCH
        for convention in CONVENTIONS
    }
    counting = partial(others.counts, image_ids[0], HEIGHT, WIDTH, "tuebingen")
    return cell | {COUNTING: _best_seconds(counting)}


def _measure_metrics() -> Iterator[Cell]:
    """Yield the seconds per image of each metric that pysaliency has too, of both.

    A metric that pysaliency cannot compute with the installed versions is told of as a failure.
    """
    maps, images = _make_case()
    others = OtherFixations(images)
    image_ids = [name for name, *_ in images[:BATCH]]
    own = {
        name: {
            "samjax": _best_seconds(_scoring("tuebingen", maps, others, image_ids, name)) / BATCH
        }
        for name in OF_BOTH
    }
    cell: Cell = {"seconds": own, "failures": {}}
    yield cell
    for name, call in _pysaliency_calls(maps[0], images).items():
        try:
            own[name]["pysaliency"] = _best_seconds(call)
        except Exception as error:  # such as a function of NumPy that no longer exists
            cell["failures"][f"pysaliency's {name}"] = describe(error)
        yield cell


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
    convention: str,
    maps: np.ndarray,
    others: OtherFixations,
    image_ids: list[str],
    metric: str | None = None,
) -> Callable:
    """Return a program that computes one metric of a convention, or all that are batched."""
    counts = np.stack([_own_counts(others, image_id) for image_id in image_ids])
    density = np.stack([density_map(c, SIGMA, convention) for c in counts])
    negatives = np.stack([others.counts(name, HEIGHT, WIDTH, convention) for name in image_ids])
    arrays = jax.device_put((maps, counts, density, np.ones(maps.shape, bool)))
    more = jax.device_put({"others": negatives, "center_bias": density.mean(0, keepdims=True)})
    more["center_bias"] = jax.numpy.broadcast_to(more["center_bias"], maps.shape)
    batched = tuple(name for name in CONVENTIONS[convention] if name not in ON_HOST)
    names = batched if metric is None else (metric,)
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


def _pysaliency_calls(saliency: np.ndarray, images: list[Fixated]) -> dict[str, Callable]:
    """Return pysaliency's own metrics of the first image's map, by our names; none without it."""
    if not importlib.util.find_spec("pysaliency"):
        return {}
    from pysaliency import metrics, roc

    s = saliency.astype(float)
    pixels = [np.floor(points + 0.5).astype(int) for _, points, _, _ in images]
    x, y = pixels[0].T
    rest = np.concatenate(pixels[1:])
    counts = np.zeros(s.shape)
    np.add.at(counts, (y, x), 1)
    density = gaussian_blur(counts, SIGMA)
    unfixated = s[counts == 0]
    return {
        "NSS": lambda: metrics.NSS(s, x, y),
        "CC": lambda: metrics.CC(s, density),
        "SIM": lambda: metrics.SIM(s, density),
        "KL": lambda: metrics.MIT_KLDiv(s, density),
        "AUC": lambda: roc.general_rocs_per_positive(s[y, x], s.ravel()),
        "AUC_Judd": lambda: roc.general_roc(s[y, x], unfixated, judd=1),
        "sAUC": lambda: roc.general_rocs_per_positive(s[y, x], s[rest[:, 1], rest[:, 0]]),
    }
