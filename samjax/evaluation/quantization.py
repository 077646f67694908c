"""What it costs to write a model's maps as pictures: the scores of float, 16-bit and 8-bit maps."""

from collections.abc import Iterable

import numpy as np

from samjax.data.example import Example
from samjax.evaluation.baseline_maps import CENTER
from samjax.evaluation.center_bias import CenterBias
from samjax.evaluation.scoreboard import ground_truth
from samjax.evaluation.scorer import Scorer
from samjax.evaluation.scores import ScoredImage, Scores
from samjax.pictures.heatmap import quantise

# Which values a format can hold. "8 bit with zeros" is what most code writes: rounding alone.
FORMATS = {
    "float": lambda saliency: saliency,
    "16 bit": lambda saliency: quantise(saliency, np.uint16),
    "8 bit": lambda saliency: quantise(saliency, np.uint8),
    "8 bit with zeros": lambda saliency: np.rint(saliency * (255 / max(saliency.max(), 1e-300))),
}


def quantisation_penalty(
    images: Iterable[tuple[Example, np.ndarray]],
    convention: str = "mit",
    *,
    center_bias: CenterBias | None = None,
    names: Iterable[str] = (),
) -> Scores:
    """Return the scores of one model's maps in every format of FORMATS, as methods.

    Args:
        images: Examples with their maps [H, W], floating point, >= 0, at the original size.
        convention: "mit", "tuebingen" or "salicon".
        center_bias: For IG; the method "center bias" is then scored too.
        names: Of the metrics; by default all that the data allow, but not EMD.
    """
    scorer = Scorer(convention, names)
    for example, saliency in images:
        values = np.asarray(saliency, np.float64)
        counts, density = ground_truth(example, convention)
        maps = {name: convert(values).astype(np.float32) for name, convert in FORMATS.items()}
        bias = None
        if center_bias is not None:
            bias = center_bias.draw(example.height, example.width)
            maps[CENTER] = bias
        scorer.add(ScoredImage(example.image_id, maps, counts, density, center_bias=bias))
    return scorer.result()
