"""What each stage of predicting a photograph takes of a core, one after the other."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from samjax.data.images import read_photo
from samjax.pictures.heatmap import overlay
from samjax.prediction.maps import model_maps
from samjax.prediction.outputs import encode_map
from samjax.prediction.postprocess import over_original
from samjax.prediction.predictor import load_model

BATCHES = (1, 2, 4, 8)


def measure_stages(photographs: Sequence[Path]) -> dict[str, float]:
    """Return the median CPU time of each stage in milliseconds per photograph.

    Args:
        photographs: One or more; the programs are compiled with the first.
    """
    model = load_model()
    cv2.setNumThreads(1)  # as in a folder, where each photograph has a thread of its own
    taken: dict[str, list[float]] = {}

    def timed(name: str, function: Callable[[], Any], count: int = 1) -> Any:
        start = time.process_time()
        value = function()
        taken.setdefault(name, []).append((time.process_time() - start) * 1000 / count)
        return value

    for number, path in enumerate(photographs):
        image = timed("decode", lambda path=path: read_photo(path))
        canvas = timed("resize to the canvas", lambda image=image: model.to_canvas(image))
        for batch in BATCHES:
            images = np.stack([canvas] * batch)
            if not number:
                model_maps(model, images)
            timed(f"network, batch {batch}", lambda i=images: model_maps(model, i), batch)
        on_canvas = model_maps(model, canvas[None])[0, 0]
        saliency = over_original(on_canvas, *image.shape[:2], density=model.density)
        timed("enlarge (float32)", lambda saliency=saliency: np.asarray(saliency))
        timed("png8, enlarging included", lambda s=saliency: encode_map("png8", s, None))
        timed("overlay, drawn", lambda i=image, s=saliency: overlay(i, s))
        timed("overlay, with its JPEG", lambda i=image, s=saliency: encode_map("overlay", s, i))
    return {name: round(float(np.median(values)), 1) for name, values in taken.items()}
