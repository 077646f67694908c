"""What it costs to write a model's maps as pictures: the scores of float, 16-bit and 8-bit maps."""

from collections.abc import Iterable

import numpy as np

from samjax.data.example import Example
from samjax.evaluation.scoreboard import CENTER, ground_truth
from samjax.evaluation.scores import Case, Scorer, Scores
from samjax.pictures.heatmap import quantise

# Which values a format can hold. "8 bit with zeros" is what most code writes: rounding alone.
FORMATS = {
    "float": lambda saliency: saliency,
    "16 bit": lambda saliency: quantise(saliency, np.uint16),
    "8 bit": lambda saliency: quantise(saliency, np.uint8),
    "8 bit with zeros": lambda saliency: np.rint(saliency * (255 / max(saliency.max(), 1e-300))),
}


def quantisation_penalty(
    maps: Iterable[tuple[Example, np.ndarray]],
    convention: str = "mit",
    *,
    center_bias=None,
    names: Iterable[str] = (),
) -> Scores:
    """Scores of one model's maps in every format of FORMATS, as methods.

    maps: examples with float maps [H, W] >= 0 at their size; center_bias: a `CenterBias`, for IG.
    Model minus center bias is IG; the method "center bias" is scored too where it is given.
    """
    scorer = Scorer(convention, names)
    for example, saliency in maps:
        saliency = np.asarray(saliency, np.float64)
        counts, density = ground_truth(example, convention)
        forms = {name: form(saliency).astype(np.float32) for name, form in FORMATS.items()}
        bias = center_bias.draw(example.height, example.width) if center_bias else None
        forms |= {CENTER: bias} if center_bias else {}
        scorer.add(Case(example.image_id, forms, counts, density, center_bias=bias))
    return scorer.result()
