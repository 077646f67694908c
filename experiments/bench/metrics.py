"""What scoring an image costs: all metrics of a convention together, beside pysaliency's.

The case: maps of 480 x 640, 300 fixations each, shuffled AUC against a million other fixations.
Run it on one core for figures that compare: `taskset -c 0 python -m experiments.benchmark`.
"""

import importlib.util
import time
from collections.abc import Callable

import jax
import numpy as np

from experiments.bench.plan import Plan
from samjax.metrics import compute
from samjax.metrics.batch import fixated_limit
from samjax.metrics.conventions import CONVENTIONS, ON_HOST
from samjax.metrics.ground_truth import density_map, gaussian_blur
from samjax.metrics.shuffled import OtherFixations

HEIGHT, WIDTH, FIXATIONS, OTHERS, BATCH, REPEATS = 480, 640, 300, 1_000_000, 4, 5
SIGMA = 24.0


def measure(plan: Plan) -> dict:
    """Seconds per image of each convention and, where it is installed, of pysaliency."""
    maps, images = _case()
    others = OtherFixations(images)
    ids = [name for name, *_ in images[:BATCH]]
    found = {"height": HEIGHT, "width": WIDTH, "fixations": FIXATIONS, "other_fixations": OTHERS}
    for convention in CONVENTIONS:
        found[f"seconds_{convention}"] = _seconds(_scoring(convention, maps, others, ids)) / BATCH
    prepare = _seconds(lambda: others.counts(ids[0], HEIGHT, WIDTH, "tuebingen"))
    found["seconds_other_counts"] = prepare
    if importlib.util.find_spec("pysaliency"):
        each = _pysaliency(maps[0], images)
        found |= {f"seconds_pysaliency_{name}": seconds for name, seconds in each.items()}
        total = found["seconds_pysaliency"] = sum(each.values())
        found["share_of_pysaliency"] = (found["seconds_tuebingen"] + prepare) / total
    return found


def _case():
    """maps [B, H, W], and (image_id, fixations [N, 2], H, W) of enough images for all others."""
    rng = np.random.default_rng(0)
    maps = [gaussian_blur(rng.random((HEIGHT, WIDTH)), 9.0) for _ in range(BATCH)]
    size = np.array([WIDTH, HEIGHT])
    images = []
    for k in range(OTHERS // FIXATIONS + 2):
        points = np.clip(rng.normal(0.5, 0.2, (FIXATIONS, 2)), 0, 0.999) * size - 0.5
        images.append((str(k), points, HEIGHT, WIDTH))
    return np.stack(maps).astype(np.float32), images


def _scoring(convention: str, maps, others: OtherFixations, ids: list[str]) -> Callable:
    """All batched metrics of a convention, from counts and density to numbers."""
    counts = np.stack([_counts(others, name, convention) for name in ids])
    density = np.stack([density_map(c, SIGMA, convention) for c in counts])
    negatives = np.stack([others.counts(name, HEIGHT, WIDTH, convention) for name in ids])
    arrays = jax.device_put((maps, counts, density, np.ones(maps.shape, bool)))
    more = jax.device_put({"others": negatives, "center_bias": density.mean(0, keepdims=True)})
    more["center_bias"] = jax.numpy.broadcast_to(more["center_bias"], maps.shape)
    names = tuple(name for name in CONVENTIONS[convention] if name not in ON_HOST)
    limit = fixated_limit(counts)
    return lambda: jax.block_until_ready(
        compute(convention, *arrays, **more, limit=limit, names=names)
    )


def _counts(others: OtherFixations, name: str, convention: str) -> np.ndarray:
    everything = others.counts("", HEIGHT, WIDTH, "tuebingen")
    return everything - others.counts(name, HEIGHT, WIDTH, "tuebingen")


def _seconds(call: Callable) -> float:
    """The best of a few runs, after one that compiles."""
    call()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def _pysaliency(saliency: np.ndarray, images: list) -> dict[str, float]:
    """Seconds per image of pysaliency's own metrics on the first map."""
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
    return {name: _seconds(call) for name, call in calls.items()}
