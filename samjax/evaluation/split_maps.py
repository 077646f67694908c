"""A model's maps of the images of a split, at the stimuli's original sizes."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import jax
import numpy as np

from samjax.data.pipeline import eval_batches
from samjax.data.sources import Source
from samjax.prediction.maps import model_maps
from samjax.prediction.postprocess import to_original
from samjax.prediction.predictor import Predictor


class ImageMaps(NamedTuple):
    """The maps of one image.

    Attributes:
        position: Of the image in the split.
        maps: [S, height, width] at the original size, one for each timestep that is asked for.
    """

    position: int
    maps: np.ndarray


def split_maps(
    model: Predictor,
    source: Source,
    batch_size: int,
    *,
    timesteps: int | Sequence[int] | None = None,
    postprocess: str = "none",
) -> Iterator[ImageMaps]:
    """Yield the maps of this process's images of a split, one canvas of the model after the other.

    Args:
        model: The network.
        source: The split.
        batch_size: How many images the network takes at once.
        timesteps: See `model_maps`.
        postprocess: See `to_original`.
    """
    batches = eval_batches(
        source,
        batch_size=batch_size,
        canvases=model.canvases,
        process_index=jax.process_index(),
        process_count=jax.process_count(),
    )
    over_image = partial(to_original, density=model.density, postprocess=postprocess)
    for batch in batches:
        on_canvas = model_maps(model, np.asarray(batch["image"]), timesteps)
        for index, maps in zip(np.asarray(batch["index"]), on_canvas, strict=True):
            if index < 0:  # a blank canvas that fills up the last batch
                continue
            example = source[index]
            resized = [over_image(saliency, example.height, example.width) for saliency in maps]
            yield ImageMaps(int(index), np.stack(resized))
