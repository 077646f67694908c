r"""What scoring many images needs: peak memory and time, all metrics of a convention, 480 x 640.

    python -m experiments.bench.scoring --images=5000

Each image has a map of its own, 300 fixations, and the fixations of all other images against it.
"""

import resource
import time

import numpy as np
from absl import app, flags

from samjax.evaluation.scorer import Scorer
from samjax.evaluation.scores import ScoredImage
from samjax.metrics.ground_truth import count_map, density_map, gaussian_blur
from samjax.metrics.shuffled import OtherFixations

HEIGHT, WIDTH, FIXATIONS, SIGMA = 480, 640, 300, 24.0

_IMAGES = flags.DEFINE_integer("images", 5000, "How many images.", lower_bound=2)
_CONVENTION = flags.DEFINE_string("convention", "tuebingen", "Whose metrics.")


def measure(images: int, convention: str) -> dict:
    """Peak resident memory of this process in GiB, and seconds per image."""
    others = OtherFixations((str(k), _points(k), HEIGHT, WIDTH) for k in range(images))
    center = gaussian_blur(np.ones((HEIGHT, WIDTH), np.float32), SIGMA)
    scorer, start = Scorer(convention), time.perf_counter()
    for k in range(images):
        counts = count_map(_points(k), HEIGHT, WIDTH)
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


def _points(image: int) -> np.ndarray:
    spread = np.random.default_rng([image, 1]).normal(0.5, 0.2, (FIXATIONS, 2))
    return np.clip(spread, 0, 0.999) * (WIDTH, HEIGHT) - 0.5


def main(argv: list[str]) -> None:
    del argv
    print(measure(_IMAGES.value, _CONVENTION.value))


if __name__ == "__main__":
    app.run(main)
