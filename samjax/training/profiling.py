"""A trace of a few training steps, by `jax.profiler`.

The main process alone traces, its own devices: the others do the same work, and on one host their
files would have the same name. The first steps of a run compile or warm up, so a window begins
better at step 10 than at step 1.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax

from samjax.console.log import log
from samjax.errors import UserError
from samjax.parallel.processes import is_main_process
from samjax.training.watching import Window

PROFILE = "profile"
"""The folder in a work folder."""
STEP_NAME = "train"
"""The name of each step in a trace."""
TRACES = "perfetto_trace.json.gz"


class Profiled:
    """A training step that is traced within a window. It is to be closed."""

    def __init__(
        self,
        step: Callable,
        window: Window,
        start: int,
        folder: Path,
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        """Trace nothing yet.

        Args:
            step: The training step: of a state and a batch.
            window: The steps to trace. Of those that the run has behind it none can be.
            start: How many steps the run has behind it.
            folder: Of the traces.
            pause: Called when a trace was written, which may take seconds.
        """
        self._step, self._window, self._folder, self._pause = step, window, folder, pause
        self._number = start
        self._tracing = False
        if start >= window.last:
            steps = f"steps {window.first} to {window.last}"
            log(f"--profile: the run goes on from step {start}, so {steps} are not traced")

    def __call__(self, state: Any, batch: Any) -> Any:
        """Return what the step returns."""
        self._number += 1
        if not self._window.first <= self._number <= self._window.last or not is_main_process():
            return self._step(state, batch)
        if not self._tracing:
            jax.block_until_ready((state, batch))  # or the trace would have the end of a step
            self._folder.mkdir(parents=True, exist_ok=True)
            jax.profiler.start_trace(self._folder, create_perfetto_trace=True)
            self._tracing = True
            self._traced_from = self._number
        with jax.profiler.StepTraceAnnotation(STEP_NAME, step_num=self._number):
            result = self._step(state, batch)
        if self._number == self._window.last:
            jax.block_until_ready(result)
            self.close()
        return result

    def close(self) -> None:
        """End the trace, also where the run stops within the window, and say where it is."""
        if not self._tracing:
            return
        self._tracing = False
        jax.profiler.stop_trace()
        self._pause()
        trace = max(self._folder.rglob(TRACES), key=lambda path: path.stat().st_mtime)
        log(
            f"traced steps {self._traced_from} to {self._number}: open {trace} at "
            "https://ui.perfetto.dev (nothing is uploaded), or `pip install xprof` and "
            f"`xprof --logdir {self._folder}`"
        )


def check_window(window: Window, steps: int) -> None:
    """Check that a run of so many steps has all steps of a window.

    Raises:
        UserError: It has not.
    """
    if window.last > steps:
        raise UserError(
            f"--profile={window.first}:{window.length} ends with step {window.last}, and the run "
            f"has {steps} steps; choose steps within 1 to {steps}"
        )
