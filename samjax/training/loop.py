"""The training loop.

Its order is a contract: take a batch, step, log, evaluate, save. The step number is the position
in the data, the schedule and the random streams, and a checkpoint holds the whole state. So a run
that was killed goes on from its last checkpoint as if it had never stopped, bit for bit, with any
number of workers. A run that is asked to stop by a signal saves after the step at hand; where that
is before the step's validation or within it, the run that goes on begins with this validation.
"""

import sys
import time
from contextlib import ExitStack
from pathlib import Path

import jax
from ml_collections import ConfigDict

from samjax.console.log import log
from samjax.files.lock import locked
from samjax.parallel.cores import warning_about_threads
from samjax.parallel.processes import is_main_process
from samjax.parallel.stop_signals import Stopped, name_of, noted
from samjax.training.config import read_experiment
from samjax.training.experiment import Experiment
from samjax.training.preemption import Preemption
from samjax.training.resuming import set_aside
from samjax.training.run import begin
from samjax.training.watched import check_watch
from samjax.training.watching import NOTHING, Watch


def train(
    config: ConfigDict,
    workdir: Path,
    devices: list[jax.Device] | None = None,
    *,
    restart: bool = False,
    watch: Watch = NOTHING,
) -> dict[str, float]:
    """Train as the config says, and return the last validation's scores.

    Args:
        config: With all fields of `configs/base.py`.
        workdir: Made if it is not there. If it has a checkpoint, training goes on from it.
        devices: To train on; None for all devices of all processes.
        restart: Whether to begin anew if the folder has a run, which is then set aside in it.
        watch: What is looked at more closely; it changes no bit of the run.

    Raises:
        UserError: The config does not make an experiment (see `read_experiment`), the work folder
            belongs to another one or to a run that goes on, the data hold nothing to learn from,
            or a loss is not finite.
        Stopped: A signal asked to stop (see `samjax.parallel.stop_signals`), and the state is
            saved. It is a `SystemExit`.
    """
    experiment = read_experiment(config, devices)
    check_watch(watch, experiment)
    cpus = sum(device.platform == "cpu" for device in experiment.mesh.local_devices)
    if warning := warning_about_threads(cpus):
        log(warning)
    workdir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        if is_main_process():  # writes for all of them
            remedy = "wait for it, stop it, or choose another --workdir"
            stack.enter_context(locked(workdir, remedy))
        if restart:
            set_aside(workdir)
        request = stack.enter_context(noted("saves at the next step and stops"))
        try:
            return _train(experiment, workdir, Preemption(request, experiment.mesh), watch)
        except Stopped as stopped:  # everything is on disk by now
            if is_main_process():
                what = f"saved at step {stopped.step}" if stopped.step else "nothing to save yet"
                then = "the same command goes on from there"
                log(f"stopped by {name_of(stopped.signum)}: {what}; {then}")
            raise


def _train(
    experiment: Experiment, workdir: Path, preemption: Preemption, watch: Watch
) -> dict[str, float]:
    """Train in a work folder that is this run's alone; see `train`."""
    plan, reporting, selecting = experiment.plan, experiment.reporting, experiment.selecting
    scores: dict[str, float] = {}
    with ExitStack() as stack:
        run = begin(experiment, workdir, preemption, stack, watch)
        if run is None:
            return scores
        state, recent, progress = run.state, run.recent, run.progress

        for step in range(run.first_step, plan.steps + 1):
            signum = 0
            if step > run.start:
                asked = time.monotonic()
                index, batch = next(run.batches)
                progress.waited(time.monotonic() - asked)

                question = preemption.ask()
                state, metrics = run.train_step(state, batch)
                recent.add(step, index, metrics)
                progress.step()
                signum = preemption.answer(question)

                if step % reporting.log_every == 0 or step == plan.steps:
                    averages = recent.drain()
                    progress.report(step, "train", averages)
                    run.writer.scalars(step, "train", averages | progress.speed())

            score = None
            if run.validation.is_due(step) and not signum:
                recent.settle()
                found = run.validation.run(state, step, run.writer, progress, preemption)
                if found is None:
                    signum = preemption.answer(preemption.ask())
                else:
                    scores = found
                    state, score = run.validation.judge(state, scores)

            if score is not None or signum or step % reporting.checkpoint_every == 0:
                recent.settle()
                run.writer.flush()
                run.checkpoints.save(step, state, score, recent.unlogged())
                progress.pause()

            if signum:
                raise Stopped(signum, step)
            if score is not None and run.validation.exhausted(state):
                evaluations = f"{selecting.patience} evaluations"
                print(f"{selecting.monitor} got no better for {evaluations}", file=sys.stderr)
                break
        run.writer.final(scores)
    return scores
