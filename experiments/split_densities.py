"""The images of a split as files, and the densities that a model predicts for them, made once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from samjax.data.example import Example
from samjax.data.images import decode_stimulus
from samjax.data.sources import Source, open_dataset
from samjax.prediction.predictor import load_model


def densities(
    name: str, split: str, data_dir: str, weights: str | None, workdir: Path
) -> Iterator[tuple[Example, np.ndarray]]:
    """Yield each example of a split with its density, float32 [H, W], at the stored image's size.

    The densities stay in the work folder, DATASET/STEM.npy, and are read from there the next time.

    Args:
        name: Of the dataset.
        split: Of the dataset.
        data_dir: Where prepared datasets are.
        weights: As of samjax predict; the bundled model if None.
        workdir: The work folder, which belongs to these weights.
    """
    folder = workdir / name
    folder.mkdir(parents=True, exist_ok=True)
    source, model = Source(open_dataset(name, data_dir), split), None
    for i in range(len(source)):
        example = source[i]
        file = folder / f"{example.image_id}.npy"
        if not file.is_file():
            model = model or load_model(weights)
            np.save(file, model(decode_stimulus(example.image)).density)
        yield example, np.load(file)
