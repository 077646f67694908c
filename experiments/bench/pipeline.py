"""The input pipeline: images per second from prepared scenes to batches, by number of threads."""

import itertools
import tempfile
import time
from pathlib import Path

from samjax.data.pipeline import train_batches
from samjax.data.prepare import prepare_synthetic
from samjax.data.scenes import SceneSpec
from samjax.data.sources import Source
from samjax.data.transforms import Augment

BATCH, BATCHES, WARM = 16, 40, 10


def measure(threads: tuple[int, ...] = (0, 1, 2)) -> dict:
    """Decoding, augmenting and batching 640x480 scenes for a 120x160 input."""
    with tempfile.TemporaryDirectory() as folder:
        dataset = prepare_synthetic(
            data_dir=Path(folder), spec=SceneSpec(480, 640), counts={"train": 48}
        )
        source = Source(dataset, "train")
        rates = {f"threads={n}": _rate(source, n) for n in threads}
    return {"scene": [480, 640], "input": [120, 160], "images_per_second": rates}


def _rate(source: Source, threads: int) -> float:
    batches = train_batches(
        [source],
        batch_size=BATCH,
        input_size=(120, 160),
        map_size=(60, 80),
        augment=Augment(flip=True, zoom=(0.85, 1.5), brightness=0.2, contrast=0.2),
        num_threads=threads,
    )
    for _ in itertools.islice(batches, WARM):
        pass
    begin = time.perf_counter()
    for _ in itertools.islice(batches, BATCHES):
        pass
    return BATCH * BATCHES / (time.perf_counter() - begin)
