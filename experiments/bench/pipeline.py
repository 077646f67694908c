"""The input pipeline: images per second from prepared scenes to batches, by number of threads."""

import itertools
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from experiments.bench.plan import Plan
from samjax.console.log import log
from samjax.data.canvas import Canvas
from samjax.data.pipeline import train_batches
from samjax.data.prepare.from_scenes import prepare_synthetic
from samjax.data.sources import Source
from samjax.data.synthetic.scenes import SceneSpec
from samjax.data.transforms import Augment

BATCH_SIZE = 16
WARM_UP_BATCHES = 10  # not counted: threads start and files are opened
BATCHES = 40  # counted
SCENES = 48
SCENE_SIZE, INPUT_SIZE, MAP_SIZE = (480, 640), (120, 160), (60, 80)  # height, width


def measure(plan: Plan) -> dict[str, Any]:
    """Return the rates of decoding, augmenting and batching 640x480 scenes for a 160x120 input."""
    results: dict[str, Any] = {"scene": list(SCENE_SIZE), "input": list(INPUT_SIZE)}
    with tempfile.TemporaryDirectory() as folder:
        dataset = prepare_synthetic(
            data_dir=Path(folder), spec=SceneSpec(*SCENE_SIZE), counts={"train": SCENES}
        )
        source = Source(dataset, "train")
        for threads in (0, 2) if plan.quick else (0, 1, 2):
            log(f"  {threads} threads")
            results[f"threads={threads}"] = _measure_rate(source, threads)
    return results


def _measure_rate(source: Source, threads: int) -> dict[str, float]:
    """Return the images per second of the clock, and per second that a core worked on them."""
    batches: Iterator = train_batches(
        [source],
        batch_size=BATCH_SIZE,
        canvases=[Canvas(INPUT_SIZE, MAP_SIZE)],
        augment=Augment(flip=True, zoom=(0.85, 1.5), brightness=0.2, contrast=0.2),
        num_threads=threads,
    )
    for _ in itertools.islice(batches, WARM_UP_BATCHES):
        pass
    start, core_start = time.perf_counter(), time.process_time()
    for _ in itertools.islice(batches, BATCHES):
        pass
    seconds, core_seconds = time.perf_counter() - start, time.process_time() - core_start
    return {
        "images_per_second": BATCH_SIZE * BATCHES / seconds,
        "images_per_core_second": BATCH_SIZE * BATCHES / core_seconds,
    }
