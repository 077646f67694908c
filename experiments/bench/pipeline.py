"""The input pipeline: images per second from prepared scenes to batches, by number of threads
and by core."""

import itertools
import tempfile
import time
from pathlib import Path

from experiments.bench.plan import Plan
from samjax.data.canvas import Canvas
from samjax.data.pipeline import train_batches
from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.sources import Source
from samjax.data.synthetic.scenes import SceneSpec
from samjax.data.transforms import Augment

BATCH, BATCHES, WARM = 16, 40, 10


def measure(plan: Plan) -> dict:
    """Decoding, augmenting and batching 640x480 scenes for a 120x160 input."""
    threads = (0, 2) if plan.quick else (0, 1, 2)
    with tempfile.TemporaryDirectory() as folder:
        dataset = prepare_synthetic(
            data_dir=Path(folder), spec=SceneSpec(480, 640), counts={"train": 48}
        )
        source = Source(dataset, "train")
        rates = {f"threads={n}": _rate(source, n) for n in threads}
    return {"scene": [480, 640], "input": [120, 160]} | rates


def _rate(source: Source, threads: int) -> dict[str, float]:
    """Images by the clock's second, and by the second that a core worked on them."""
    batches = train_batches(
        [source],
        batch_size=BATCH,
        canvases=[Canvas((120, 160), (60, 80))],
        augment=Augment(flip=True, zoom=(0.85, 1.5), brightness=0.2, contrast=0.2),
        num_threads=threads,
    )
    for _ in itertools.islice(batches, WARM):
        pass
    begin, busy = time.perf_counter(), time.process_time()
    for _ in itertools.islice(batches, BATCHES):
        pass
    seconds, core_seconds = time.perf_counter() - begin, time.process_time() - busy
    return {
        "images_per_second": BATCH * BATCHES / seconds,
        "images_per_core_second": BATCH * BATCHES / core_seconds,
    }
