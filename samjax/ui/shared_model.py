"""One network for all requests: a thread runs it, over batches of what waits together."""

import contextlib
import dataclasses
import functools
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future

import jax
import numpy as np

from samjax.models.output import SAMOutput
from samjax.prediction.predictor import Predictor
from samjax.prediction.saliency import Saliency
from samjax.ui.limits import Refusal

BATCH, BATCH_ON_CPU = 4, 2
"""Canvases at once, where so many of one shape wait; else they are taken one by one.

With these two sizes only, few programs are compiled, and no blank canvas is computed. On two cores
a batch of 2 takes as long as two single canvases, and one of 4 a third longer than four of them.
"""


@dataclasses.dataclass(frozen=True, eq=False)
class _Task:
    """A canvas, uint8 [H, W, 3], that waits."""

    canvas: np.ndarray
    all_timesteps: bool
    result: "Future[SAMOutput]"

    @property
    def kind(self) -> tuple[tuple[int, ...], bool]:
        """What tasks of one batch have in common."""
        return self.canvas.shape, self.all_timesteps


class SharedModel:
    """A predictor that many threads may call at a time; one thread of its own runs the network.

    What waits is bounded by who calls: every caller waits for its answer.

    Attributes:
        batch: How many canvases are one batch.
    """

    def __init__(self, model: Predictor) -> None:
        """Start the thread.

        Args:
            model: Is called by that thread only, from now on.
        """
        self._model = model
        self.batch = BATCH_ON_CPU if jax.default_backend() == "cpu" else BATCH
        self._tasks: queue.Queue[_Task | None] = queue.Queue()
        self._closed = False
        self._lock = threading.Lock()  # so that nothing is put behind what ends the thread
        self._thread = threading.Thread(target=self._work, name="samjax-network", daemon=True)
        self._thread.start()

    @property
    def origin(self) -> str:
        """Where the network comes from, in words for people."""
        return self._model.origin

    @property
    def timesteps(self) -> int:
        """How often the attentive LSTM looks; 0: there is none."""
        return self._model.timesteps

    def __call__(self, image: np.ndarray) -> Saliency:
        """Return the saliency of an image, uint8 [H, W, 3] RGB, as `Predictor` does.

        Raises:
            Refusal: The server ends.
        """
        canvas = self._model.to_canvas(image)
        output = self.submit(canvas).result()
        every = functools.partial(self._all_timesteps, canvas)
        facts = self._model.facts
        return Saliency(
            output,
            every,
            image.shape[:2],
            density=facts.density,
            viewing_times_ms=facts.viewing_times_ms,
        )

    def _all_timesteps(self, canvas: np.ndarray) -> SAMOutput:
        return self.submit(canvas, all_timesteps=True).result()

    def submit(self, canvas: np.ndarray, all_timesteps: bool = False) -> "Future[SAMOutput]":
        """Put a canvas in the queue; its output, of a batch of one, comes later."""
        result: Future[SAMOutput] = Future()
        with self._lock:
            if self._closed:
                result.set_exception(Refusal(503, "the server is ending"))
            else:
                self._tasks.put(_Task(canvas, all_timesteps, result))
        return result

    def warm(self) -> None:
        """Compile, or load, the programs for single pictures of every shape of canvas."""
        for height, width in self._model.facts.sizes:
            self.submit(np.zeros((height, width, 3), np.uint8))

    def close(self) -> None:
        """Refuse what waits, and end the thread behind the batch that it is at."""
        with self._lock:
            self._closed = True
            self._tasks.put(None)
        self._thread.join()

    def _work(self) -> None:
        """Take what waits, in the order of its coming, batch by batch."""
        waiting: list[_Task] = []
        while True:
            if not waiting:
                task = self._tasks.get()
                if task is not None:
                    waiting.append(task)
            waiting += _drain(self._tasks)
            if self._closed:
                for task in waiting:
                    task.result.set_exception(Refusal(503, "the server is ending"))
                return
            batch = next_batch(waiting, self.batch)
            waiting = [task for task in waiting if task not in batch]
            self._run(batch)

    def _run(self, batch: Sequence[_Task]) -> None:
        """Run the network over a batch, and hand out its outputs or its failure."""
        try:
            canvases = np.stack([task.canvas for task in batch])
            output = self._model.predict_batch(canvases, None, batch[0].all_timesteps)
            rows = split_output(output, len(batch))
        # The thread has to live on, whatever the network raises.
        except Exception as error:
            for task in batch:
                task.result.set_exception(error)
            return
        for task, row in zip(batch, rows, strict=True):
            task.result.set_result(row)


def next_batch(waiting: Sequence[_Task], size: int) -> list[_Task]:
    """Return the first tasks of the kind of the first one, `size` of them, or that one alone."""
    if not waiting:
        return []
    alike = [task for task in waiting if task.kind == waiting[0].kind]
    return alike[:size] if len(alike) >= size else [waiting[0]]


def split_output(output: SAMOutput, count: int) -> list[SAMOutput]:
    """Return the outputs of single images of a batch, computed, and without `hidden`."""
    output = jax.block_until_ready(dataclasses.replace(output, hidden=None))
    if count == 1:
        return [output]
    names = ("saliency", "log_density", "attention", "timestep_saliency", "timestep_log_density")
    parts = {name: getattr(output, name) for name in names}
    # By way of the host, because JAX compiles a program for every slice.
    host = {name: jax.device_get(part) for name, part in parts.items() if part is not None}
    return [
        dataclasses.replace(
            output, **{name: jax.device_put(part[row : row + 1]) for name, part in host.items()}
        )
        for row in range(count)
    ]


def _drain(tasks: "queue.Queue[_Task | None]") -> list[_Task]:
    """Return all that waits in a queue now."""
    found = []
    with contextlib.suppress(queue.Empty):
        while True:
            task = tasks.get_nowait()
            if task is not None:
                found.append(task)
    return found
