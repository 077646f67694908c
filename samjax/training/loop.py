"""The training loop.

Its order is a contract: take a batch, step, log, evaluate, save. The step number is the position
in the data, the schedule and the random streams, and a checkpoint holds the whole state. So a run
that was killed goes on from its last checkpoint as if it had never stopped, bit for bit, with any
number of workers. A run that is asked to stop by a signal saves after the step at hand; where that
is before the step's validation or within it, the run that goes on begins with this validation.
"""

import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import jax
from ml_collections import ConfigDict

from samjax.console.log import log
from samjax.console.training_progress import TrainingProgress
from samjax.data.mixture import image_names
from samjax.data.pipeline import train_batches
from samjax.files.lock import locked
from samjax.parallel.mesh import put
from samjax.parallel.processes import is_main_process
from samjax.parallel.stop_signals import Stopped, name_of, noted
from samjax.training.checkpoint import Checkpoints
from samjax.training.compiled import compile_train_step, plan_state, restore_or_create
from samjax.training.config import read_experiment
from samjax.training.config_file import save_config
from samjax.training.delayed_metrics import DelayedMetrics
from samjax.training.experiment import Experiment
from samjax.training.preemption import Preemption
from samjax.training.resuming import made_with, set_aside
from samjax.training.validation import Validation
from samjax.training.writer import NoWriter, Writer


def train(
    config: ConfigDict,
    workdir: Path,
    devices: list[jax.Device] | None = None,
    *,
    restart: bool = False,
) -> dict[str, float]:
    """Train as the config says, and return the last validation's scores.

    Args:
        config: With all fields of `configs/base.py`.
        workdir: Made if it is not there. If it has a checkpoint, training goes on from it.
        devices: To train on; None for all devices of all processes.
        restart: Whether to begin anew if the folder has a run, which is then set aside in it.

    Raises:
        UserError: The config does not make an experiment (see `read_experiment`), the work folder
            belongs to another one or to a run that goes on, the data hold nothing to learn from,
            or a loss is not finite.
        Stopped: A signal asked to stop (see `samjax.parallel.stop_signals`), and the state is
            saved. It is a `SystemExit`.
    """
    experiment = read_experiment(config, devices)
    workdir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        if is_main_process():  # writes for all of them
            remedy = "wait for it, stop it, or choose another --workdir"
            stack.enter_context(locked(workdir, remedy))
        if restart:
            set_aside(workdir)
        request = stack.enter_context(noted("saves at the next step and stops"))
        try:
            return _train(experiment, workdir, Preemption(request, experiment.mesh))
        except Stopped as stopped:  # everything is on disk by now
            if is_main_process():
                what = f"saved at step {stopped.step}" if stopped.step else "nothing to save yet"
                then = "the same command goes on from there"
                log(f"stopped by {name_of(stopped.signum)}: {what}; {then}")
            raise


def _train(experiment: Experiment, workdir: Path, preemption: Preemption) -> dict[str, float]:
    """Train in a work folder that is this run's alone; see `train`."""
    plan, reporting, selecting = experiment.plan, experiment.reporting, experiment.selecting
    validation = Validation(experiment)
    first = plan_state(experiment)
    train_step = compile_train_step(experiment, first)
    scores: dict[str, float] = {}

    with ExitStack() as stack:
        checkpoints = stack.enter_context(
            closing(Checkpoints(workdir / "checkpoints", reporting.keep, made_with(experiment)))
        )
        state, start = restore_or_create(checkpoints, experiment, first)
        # A run that is stopped while it validates saves the step without a score.
        validated = not validation.is_due(start) or checkpoints.is_scored(start)
        if validated and (start >= plan.steps or validation.exhausted(state)):
            print(f"already complete at step {start}", file=sys.stderr)
            return scores
        if signum := preemption.answer(preemption.ask()):  # before it compiles for minutes
            raise Stopped(signum, start)
        if is_main_process():
            save_config(experiment.config, workdir)
        writer = Writer(workdir, start, validated) if is_main_process() else NoWriter()
        stack.enter_context(closing(writer))
        progress = TrainingProgress(start, plan.steps, experiment.loading.batch_size)
        stack.enter_context(closing(progress))
        recent = DelayedMetrics(
            lambda index: image_names(experiment.training, index), checkpoints.kept
        )
        recent.resume(checkpoints.unlogged(start) if start else [])
        batches = stack.enter_context(closing(batches_from(start, experiment)))

        for step in range(start + 1 if validated else start, plan.steps + 1):
            signum = 0
            if step > start:
                asked = time.monotonic()
                index, batch = next(batches)
                progress.waited(time.monotonic() - asked)

                question = preemption.ask()
                state, metrics = train_step(state, batch)
                recent.add(step, index, metrics)
                progress.step()
                signum = preemption.answer(question)

                if step % reporting.log_every == 0 or step == plan.steps:
                    averages = recent.drain()
                    progress.report(step, "train", averages)
                    writer.scalars(step, "train", averages | progress.speed())

            score = None
            if validation.is_due(step) and not signum:
                recent.settle()
                found = validation.run(state, step, writer, progress, preemption)
                if found is None:
                    signum = preemption.answer(preemption.ask())
                else:
                    scores = found
                    state, score = validation.judge(state, scores)

            if score is not None or signum or step % reporting.checkpoint_every == 0:
                recent.settle()
                writer.flush()
                checkpoints.save(step, state, score, recent.unlogged())
                progress.pause()

            if signum:
                raise Stopped(signum, step)
            if score is not None and validation.exhausted(state):
                evaluations = f"{selecting.patience} evaluations"
                print(f"{selecting.monitor} got no better for {evaluations}", file=sys.stderr)
                break
    return scores


def batches_from(start: int, experiment: Experiment) -> Any:
    """Return an endless iterator over batches from a step on; it is to be closed.

    Each item is the positions of this process's images in the data, and the global batch on the
    devices.
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
        place=lambda batch: (batch["index"], put(batch, mesh)),
    )
