"""The gallery: what the model sees at each timestep in images of a split, with its scores."""

import math
from collections.abc import Iterator, Sequence

import jax
import numpy as np

from samjax.console.progress import track
from samjax.data.example import Example
from samjax.data.images import decode_stimulus
from samjax.data.sources import Source
from samjax.evaluation.scoreboard import ground_truth
from samjax.evaluation.scores import Case, Scorer
from samjax.metrics import LOWER_IS_BETTER
from samjax.prediction.postprocess import to_original
from samjax.report import pictures

CONVENTION = "mit"
METRICS = ("NSS", "CC", "KL", "SIM", "AUC_Judd")
GRID = 10_000  # fixations are told in this many parts of the image's width and height
MAX_FIXATIONS = 1000  # drawn per image


def collect(model, source: Source, indices: Sequence[int], batch_size: int = 8) -> dict:
    """What the page's gallery shows, ready for JSON; every picture is a data URI.

    {"timesteps", "metrics", "lower", "colours", "images": [{"id", "width", "height", "photo",
    "prediction", "attention", "density", "fixations", "scores": per timestep, per metric}]}
    """
    scorer, images = Scorer(CONVENTION, METRICS), []
    found = seen(model, source, indices, batch_size)
    for example, maps, attention in track(found, len(indices), "drawing"):
        counts, density = ground_truth(example, CONVENTION)
        steps = {str(t): original(model, m, example) for t, m in enumerate(maps)}
        scorer.add(Case(example.image_id, steps, counts, density))
        images.append(_pictures(example, maps, attention, density))
    values = scorer.result().values
    for k, image in enumerate(images):
        image["scores"] = [[_number(row[n][k]) for n in METRICS] for row in values.values()]
    return {
        "timesteps": max(model.sam.timesteps, 1),
        "metrics": METRICS,
        "lower": sorted(LOWER_IS_BETTER),
        "colours": pictures.colours(),
        "images": images,
    }


def choose(image_ids: Sequence[str], count: int, scores: dict[str, float]) -> list[int]:
    """`count` places in a split, in its order: evenly spread from the best image to the worst where
    every image has a score, else over the split."""
    order = list(range(len(image_ids)))
    if all(math.isfinite(scores.get(image_id, math.nan)) for image_id in image_ids):
        order.sort(key=lambda i: scores[image_ids[i]])
    spread = np.linspace(0, len(order) - 1, min(count, len(order)))
    return sorted(order[k] for k in np.unique(np.rint(spread).astype(int)))


def seen(
    model, source: Source, indices: Sequence[int], batch_size: int
) -> Iterator[tuple[Example, np.ndarray, np.ndarray]]:
    """Each example with its maps [T, h, w] and its attention [T, h', w'], in the model's frame."""
    batch_size = batch_size if len(model.canvases) == 1 else 1
    for start in range(0, len(indices), batch_size):
        examples = [source[i] for i in indices[start : start + batch_size]]
        on_canvas = [model.to_canvas(decode_stimulus(example.image)) for example in examples]
        canvases = np.zeros((batch_size, *on_canvas[0].shape), np.uint8)
        canvases[: len(on_canvas)] = on_canvas
        output = jax.device_get(model.predict_batch(canvases, all_timesteps=True))
        maps = np.exp(output.timestep_log_density) if model.density else output.timestep_saliency
        for k, example in enumerate(examples):
            yield example, np.float32(maps[k]), np.float32(output.attention[k])


def original(model, on_canvas: np.ndarray, example: Example) -> np.ndarray:
    """A map of the model's frame [h, w] at the image's size."""
    return to_original(on_canvas, example.height, example.width, density=model.density)


def _pictures(
    example: Example, maps: np.ndarray, attention: np.ndarray, density: np.ndarray
) -> dict:
    size = example.height, example.width
    return {
        "id": example.image_id,
        "width": example.width,
        "height": example.height,
        "photo": pictures.photo_uri(decode_stimulus(example.image)),
        "prediction": pictures.sheet_uri(pictures.framed_to_sheet(maps, *size)),
        "attention": pictures.sheet_uri(pictures.framed_to_sheet(attention, *size))
        if len(attention)
        else "",
        "density": pictures.sheet_uri(pictures.shrunk(density)),
        "fixations": _fractions(example).tolist(),
    }


def _fractions(example: Example) -> np.ndarray:
    """Fixations [N, 2] in parts of the image, int; evenly thinned where there are very many."""
    points = example.points[:: max(1, -(-len(example.points) // MAX_FIXATIONS))]
    return np.rint((points + 0.5) / (example.width, example.height) * GRID).astype(int)


def _number(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None
