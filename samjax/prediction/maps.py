"""A model's maps of a batch of images, after one timestep or after several."""

from collections.abc import Sequence

import numpy as np

from samjax.prediction.predictor import Predictor
from samjax.prediction.saliency import last_map, timestep_maps


def model_maps(
    model: Predictor,
    images: np.ndarray,
    timesteps: int | Sequence[int] | None = None,
) -> np.ndarray:
    """Predict a batch of canvases.

    The map of a density model is its density (the exponential of the log-density, with sum 1), that
    of another its saliency.

    Args:
        model: The network.
        images: RGB uint8 [B, H, W, 3], where H and W are those of one canvas.
        timesteps: How often the attentive LSTM looks; as in training if None, or if it is an empty
            sequence. Several numbers give the map after each of them, from one pass. A model
            without recurrence has one map, of timestep 0.

    Returns:
        float32 [B, S, h, w], with S = 1 unless several timesteps are asked for.

    Raises:
        UserError: The network has no recurrence, and `timesteps` asks for one.
    """
    if timesteps is None or isinstance(timesteps, int):
        return _last(model, images, timesteps)
    if len(timesteps) < 2:
        return _last(model, images, timesteps[0] if timesteps else None)
    output = model.predict_batch(images, max(timesteps), all_timesteps=True)
    return timestep_maps(output, model.density)[:, np.array(timesteps) - 1]


def _last(model: Predictor, images: np.ndarray, timesteps: int | None) -> np.ndarray:
    """Return the maps after the last of so many timesteps, [B, 1, h, w]."""
    return last_map(model.predict_batch(images, timesteps), model.density)[:, None]
