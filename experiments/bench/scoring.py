r"""What scoring many images needs: peak memory and time, all metrics of a convention, 480 x 640.

    python -m experiments.bench.scoring --images=5000

Each image has a map of its own, 300 fixations, and the fixations of all other images against it.
"""

import resource
import time
from typing import Any

import numpy as np
from absl import app, flags

from samjax.data.geometry import from_fractions
from samjax.evaluation.scorer import Scorer
from samjax.evaluation.scores import ScoredImage
from samjax.metrics.ground_truth import count_map, density_map, gaussian_blur
from samjax.metrics.shuffled import OtherFixations

HEIGHT, WIDTH = 480, 640
FIXATIONS = 300  # per image
SIGMA = 24.0  # of one degree, pixels

_IMAGES = flags.DEFINE_integer("images", 5000, "How many images.", lower_bound=2)
_CONVENTION = flags.DEFINE_string("convention", "tuebingen", "Whose metrics.")


def measure(images: int, convention: str) -> dict[str, Any]:
    """Return the peak resident memory of this process in GiB, and the seconds per image.

    Args:
        images: How many images are scored.
        convention: Whose definitions of the metrics.
    """
    others = OtherFixations((str(k), _random_points(k), HEIGHT, WIDTH) for k in range(images))
    center = gaussian_blur(np.ones((HEIGHT, WIDTH), np.float32), SIGMA)
    scorer, start = Scorer(convention), time.perf_counter()
    for k in range(images):
        counts = count_map(_random_points(k), HEIGHT, WIDTH)
        density = density_map(counts, SIGMA, convention)
        saliency = gaussian_blur(np.random.default_rng(k).random(counts.shape), 9.0)
        negatives = others.counts(str(k), HEIGHT, WIDTH, convention)
        scorer.add(ScoredImage(str(k), {"model": saliency}, counts, density, negatives, center))
    result = scorer.result()
    return {
        "images": len(result.image_ids),
        "convention": convention,
        "metrics": list(result.values["model"]),
        "seconds_per_image": (time.perf_counter() - start) / images,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def _random_points(image: int) -> np.ndarray:
    """Return the fixations [N, 2] of an image, the same at every call."""
    fractions = np.random.default_rng([image, 1]).normal(0.5, 0.2, (FIXATIONS, 2))
    return from_fractions(np.clip(fractions, 0, 0.999), (WIDTH, HEIGHT))


def main(argv: list[str]) -> None:
    """Print the measurement of the flags' case."""
    del argv
    print(measure(_IMAGES.value, _CONVENTION.value))


if __name__ == "__main__":
    app.run(main)
