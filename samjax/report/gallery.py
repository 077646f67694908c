"""The gallery of the page: the model's map and attention after each timestep, with its scores."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from samjax.console.progress import track
from samjax.data.coordinates import to_fractions
from samjax.data.example import Example
from samjax.data.images import decode_stimulus
from samjax.data.sources import Source
from samjax.errors import UserError
from samjax.evaluation.scoreboard import ground_truth
from samjax.evaluation.scorer import Scorer
from samjax.evaluation.scores import ScoredImage
from samjax.metrics import LOWER_IS_BETTER
from samjax.prediction.postprocess import to_original
from samjax.prediction.predictor import Predictor
from samjax.prediction.reading import pad_batch
from samjax.prediction.saliency import timestep_maps
from samjax.report import pictures

CONVENTION = "mit"
METRICS = ("NSS", "CC", "KL", "SIM", "AUC_Judd")
GRID = 10_000
"""Fixations are given to the page in this many parts of the image's width and height."""
MAX_FIXATIONS = 1000
"""How many fixations of an image are drawn at most."""


class Prediction(NamedTuple):
    """What the model says about one example after each of its T timesteps.

    Attributes:
        example: The example.
        maps: [T, h, w] float32, the model's maps over the canvas.
        attention: [T, h', w'] float32 over the canvas; T is 0 if the model has no recurrence.
    """

    example: Example
    maps: np.ndarray
    attention: np.ndarray


def collect(
    model: Predictor,
    source: Source,
    indices: Sequence[int],
    batch_size: int = 8,
    failed: list[str] | None = None,
) -> dict[str, Any]:
    """Return what the page's gallery shows, ready for JSON; every picture is a data URI.

    Args:
        model: The model.
        source: The split.
        indices: Which of its examples are shown.
        batch_size: Images that the model takes at once.
        failed: Gets a line for each image that cannot be decoded, which is left out; if None, such
            an image is an error.

    Returns:
        {"timesteps", "metrics", "lower", "colours", "images": [{"id", "width", "height", "photo",
        "prediction", "attention", "density", "fixations", "scores"}]}, where the scores of an
        image are a list per timestep of a number per metric, None where there is no score.
    """
    scorer, images = Scorer(CONVENTION, METRICS), []
    predictions = predict_timesteps(model, source, indices, batch_size, failed)
    for prediction in track(predictions, len(indices), "drawing"):
        example = prediction.example
        counts, density = ground_truth(example, CONVENTION)
        maps = maps_at_image_size(model, prediction)
        # The scorer takes several methods per image; here they are the timesteps.
        methods = {str(t): saliency for t, saliency in enumerate(maps)}
        scorer.add(ScoredImage(example.image_id, methods, counts, density))
        images.append(_describe_image(prediction, density))
    timesteps = scorer.result().values.values()
    for k, image in enumerate(images):
        image["scores"] = [[_rounded(values[name][k]) for name in METRICS] for values in timesteps]
    return {
        "timesteps": max(model.timesteps, 1),
        "metrics": METRICS,
        "lower": sorted(LOWER_IS_BETTER),
        "colours": pictures.colour_table(),
        "images": images,
    }


def choose_images(image_ids: Sequence[str], count: int, scores: dict[str, float]) -> list[int]:
    """Return the positions of `count` images of a split, in the order of the split.

    Where every image has a score, they are spread evenly from the best to the worst, so that the
    gallery shows failures too; else they are spread over the split.

    Args:
        image_ids: The names of all images of the split.
        count: How many to choose at most.
        scores: The score of each image by its name; may be empty.
    """
    order = list(range(len(image_ids)))
    if all(math.isfinite(scores.get(image_id, math.nan)) for image_id in image_ids):
        order.sort(key=lambda i: scores[image_ids[i]])
    return sorted(order[k] for k in spread_evenly(len(order), count))


def spread_evenly(total: int, count: int) -> list[int]:
    """Return `count` different positions in 0 ... total - 1, evenly spread, with both ends."""
    # Rounded positions may meet where nearly all images are shown, hence `unique`.
    positions = np.linspace(0, total - 1, min(count, total))
    return np.unique(np.rint(positions).astype(int)).tolist()


def predict_timesteps(
    model: Predictor,
    source: Source,
    indices: Sequence[int],
    batch_size: int,
    failed: list[str] | None = None,
) -> Iterator[Prediction]:
    """Yield the model's maps and attention after each timestep, for each of these examples.

    Args:
        model: The model.
        source: The split.
        indices: Which of its examples.
        batch_size: Images that the model takes at once. Where it has several canvases, images
            go one by one, because neighbours may lie on different canvases.
        failed: See `collect`.
    """
    batch_size = batch_size if len(model.canvases) == 1 else 1
    for start in range(0, len(indices), batch_size):
        examples, canvases = [], []
        for i in indices[start : start + batch_size]:
            example = source[i]
            try:
                canvases.append(model.to_canvas(decode_stimulus(example.image)))
                examples.append(example)
            except UserError as error:
                if failed is None:
                    raise UserError(f"{example.image_id}: {error}") from error
                failed.append(f"{example.image_id}: {error}; left out of the gallery")
        if not canvases:
            continue
        # The last batch is filled up, because each shape of a batch is compiled anew.
        output = model.predict_batch(pad_batch(canvases, batch_size), all_timesteps=True)
        maps = timestep_maps(output, model.density)
        attention = np.asarray(jax.device_get(output.attention), np.float32)
        for k, example in enumerate(examples):
            yield Prediction(example, maps[k], attention[k])


def maps_at_image_size(model: Predictor, prediction: Prediction) -> list[np.ndarray]:
    """Return the maps after each timestep over the original image, float32 [height, width]."""
    example = prediction.example
    return [
        to_original(saliency, example.height, example.width, density=model.density)
        for saliency in prediction.maps
    ]


def _describe_image(prediction: Prediction, density: np.ndarray) -> dict[str, Any]:
    """Return an image's entry in the gallery but for its scores; density: of the fixations."""
    example = prediction.example
    size = example.height, example.width
    maps = pictures.maps_to_thumbnails(prediction.maps, *size)
    attention = ""
    if len(prediction.attention):
        thumbnails = pictures.maps_to_thumbnails(prediction.attention, *size)
        attention = pictures.sheet_uri(thumbnails)
    return {
        "id": example.image_id,
        "width": example.width,
        "height": example.height,
        "photo": pictures.photo_uri(decode_stimulus(example.image)),
        "prediction": pictures.sheet_uri(maps),
        "attention": attention,
        "density": pictures.sheet_uri(pictures.density_to_thumbnail(density)),
        "fixations": _fixation_positions(example).tolist(),
    }


def _fixation_positions(example: Example) -> np.ndarray:
    """Return fixations [N, 2] as integers in 0 ... GRID, evenly thinned where there are many."""
    # Thinned evenly rather than cut off, which would leave out the last subjects.
    stride = max(1, math.ceil(len(example.points) / MAX_FIXATIONS))
    # As integers in fractions of the image, because JSON spends a byte per digit.
    fractions = to_fractions(example.points[::stride], (example.width, example.height))
    return np.rint(fractions * GRID).astype(int)


def _rounded(value: float) -> float | None:
    """Return a score with the digits that the page can show; None if it is not finite."""
    return round(float(value), 4) if math.isfinite(value) else None
