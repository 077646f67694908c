"""A run that begins or goes on: all that the training loop works with, opened in its order."""

import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax

from samjax.console.training_progress import TrainingProgress
from samjax.data.mixture import image_names
from samjax.data.pipeline import train_batches
from samjax.parallel.mesh import put
from samjax.parallel.processes import is_main_process
from samjax.training.checkpoint import Checkpoints
from samjax.training.compiled import compile_train_step, plan_state, restore_or_create
from samjax.training.config_file import save_config
from samjax.training.delayed_metrics import DelayedMetrics
from samjax.training.experiment import Experiment
from samjax.training.feature_cache import Features, cached_features
from samjax.training.preemption import Preemption
from samjax.training.resuming import made_with
from samjax.training.state import TrainState
from samjax.training.validation import Validation
from samjax.training.watched import open_writer, watched
from samjax.training.watching import NOTHING, Watch
from samjax.training.writer import NoWriter, Writer


class Run(NamedTuple):
    """What the loop works with.

    Attributes:
        state: To go on with.
        start: The number of steps that the state has taken.
        first_step: Where the loop begins: the step after `start`, or `start` itself where its
            validation is still to be done.
        train_step: Compiled; takes a state and a batch.
        batches: From the step after `start` on, see `batches_from`.
        validation: Scores states and judges them.
        checkpoints: Of the work folder.
        writer: Of the metrics; writes nothing in all processes but the main one.
        progress: What is shown on the terminal.
        recent: The metrics since the last report.
    """

    state: TrainState
    start: int
    first_step: int
    train_step: Callable
    batches: Any
    validation: Validation
    checkpoints: Checkpoints
    writer: Writer | NoWriter
    progress: TrainingProgress
    recent: DelayedMetrics


def begin(
    experiment: Experiment,
    workdir: Path,
    preemption: Preemption,
    stack: ExitStack,
    watch: Watch = NOTHING,
) -> Run | None:
    """Open a work folder and return the run; None where it is complete already, which is said.

    Args:
        experiment: What is trained.
        workdir: Its folder, which this run alone writes in.
        preemption: Whether to stop before the first step.
        stack: Closes what is opened, in reverse order.
        watch: What is looked at more closely.

    Raises:
        UserError: The folder belongs to another run, or nothing in it is whole.
        Stopped: A signal asked to stop.
    """
    plan, reporting = experiment.plan, experiment.reporting
    validation = Validation(experiment)
    first = plan_state(experiment)
    train_step = compile_train_step(experiment, first)
    checkpoints = stack.enter_context(
        closing(Checkpoints(workdir / "checkpoints", reporting.keep, made_with(experiment)))
    )
    state, start = restore_or_create(checkpoints, experiment, first)
    # A run that is stopped while it validates saves the step without a score.
    validated = not validation.is_due(start) or checkpoints.is_scored(start)
    if validated and (start >= plan.steps or validation.exhausted(state)):
        print(f"already complete at step {start}", file=sys.stderr)
        return None
    preemption.check(start)  # before it compiles for minutes
    check_stop = partial(preemption.check, start)
    features = cached_features(experiment, state, workdir, check_stop)
    validation = Validation(experiment, features)
    if is_main_process():
        save_config(experiment.config, workdir)
    writer = stack.enter_context(closing(open_writer(experiment, workdir, start, validated, watch)))
    progress = TrainingProgress(start, plan.steps, experiment.loading.batch_size)
    stack.enter_context(closing(progress))
    step = watched(train_step, watch, experiment, workdir, start, progress.pause)
    recent = DelayedMetrics(lambda index: image_names(experiment.training, index), checkpoints.kept)
    recent.resume(checkpoints.unlogged(start) if start else [])
    return Run(
        state=state,
        start=start,
        first_step=start + 1 if validated else start,
        train_step=stack.enter_context(closing(step)),
        batches=stack.enter_context(closing(batches_from(start, experiment, features))),
        validation=validation,
        checkpoints=checkpoints,
        writer=writer,
        progress=progress,
        recent=recent,
    )


def batches_from(start: int, experiment: Experiment, features: Features | None = None) -> Any:
    """Return an endless iterator over batches from a step on; it is to be closed.

    Each item is the positions of this process's images in the data, and the global batch on the
    devices. With features they have these in place of images.
    """
    loading, mesh = experiment.loading, experiment.mesh
    return train_batches(
        [entry.source for entry in experiment.training],
        [entry.weight for entry in experiment.training],
        batch_size=loading.local_batch_size,
        canvases=experiment.canvases,
        seed=experiment.seed,
        start_step=start,
        augment=experiment.augment,
        process_index=jax.process_index(),
        process_count=jax.process_count(),
        num_threads=loading.threads,
        num_workers=loading.workers,
        viewing_times_ms=experiment.loss.viewing_times_ms,
        reduced=loading.reduced_decoding,
        cache_mib=loading.cache_mib,
        stored=list(zip(*features.training, strict=True)) if features else (),
        place=lambda batch: (batch["index"], put(batch, mesh)),
    )
