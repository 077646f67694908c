"""The training loop.

Its order is a contract: take a batch, step, log, evaluate, save. The step number is the position
in the data, the schedule and the random streams, and a checkpoint holds the whole state, so a run
that was killed goes on from its last checkpoint as if it had never stopped, bit for bit, with any
number of workers.
"""

import functools
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import jax
import numpy as np
from ml_collections import ConfigDict

from samjax.console.training_progress import TrainingProgress
from samjax.data.pipeline import train_batches
from samjax.models import SAM
from samjax.parallel.mesh import (
    check_heights,
    in_order,
    local_batch_size,
    make_mesh,
    put,
    replicated,
    state_shardings,
)
from samjax.training import config as experiment
from samjax.training import steps
from samjax.training.checkpoint import Checkpoints
from samjax.training.delayed_metrics import DelayedMetrics
from samjax.training.initialize import start_from
from samjax.training.state import create_state
from samjax.training.validation import Validation
from samjax.training.writer import NoWriter, Writer


def train(config: ConfigDict, workdir: Path) -> dict[str, float]:
    """Trains as `config` says, in `workdir`; resumes by itself. Returns the last validation."""
    workdir.mkdir(parents=True, exist_ok=True)
    c, mesh = config.train, make_mesh(config.train.space)
    model = experiment.build_model(config)
    for canvas in experiment.build_canvases(config, model):
        check_heights(mesh, canvas.input[0], canvas.map[0])
    sources = experiment.training_sources(config)
    plan = experiment.build_plan(config, sum(len(source) for source, _ in sources.values()))
    tx = experiment.build_optimizer(config, plan)
    validation = Validation(config, model, mesh)
    step_fn = compiled_step(config, model, tx, mesh)
    results: dict[str, float] = {}

    with ExitStack() as stack:
        checkpoints = stack.enter_context(closing(Checkpoints(workdir / "checkpoints", c.keep)))
        state, start = restore_or_create(checkpoints, config, model, tx, mesh)
        if start >= plan.steps or validation.exhausted(state, plan.evaluate_every):
            print(f"already complete at step {start}", file=sys.stderr)
            return results
        first = jax.process_index() == 0
        if first:
            experiment.save_config(config, workdir)
        writer = stack.enter_context(closing(Writer(workdir, start) if first else NoWriter()))
        progress = stack.enter_context(closing(TrainingProgress(start, plan.steps, c.batch_size)))
        recent = DelayedMetrics(lambda index: image_ids(sources, index))
        batches = stack.enter_context(closing(batches_from(start, config, model, sources, mesh)))

        for done in range(start + 1, plan.steps + 1):
            asked = time.monotonic()
            index, batch = next(batches)
            progress.waited(time.monotonic() - asked)

            state, metrics = step_fn(state, batch)
            recent.add(done, index, metrics)
            progress.step()

            if done % c.log_every == 0 or done == plan.steps:
                values = recent.drain()
                progress.report(done, "train", values)
                writer.scalars(done, "train", values | progress.speed())

            score = None
            if done % plan.evaluate_every == 0 or done == plan.steps:
                recent.settle()
                results = validation.run(state, done, writer, progress)
                state, score = validation.judge(state, results)

            if score is not None or done % c.checkpoint_every == 0:
                recent.settle()
                checkpoints.save(done, state, score)
                progress.pause()

            if score is not None and validation.exhausted(state, plan.evaluate_every):
                print(f"{c.monitor} got no better for {c.patience} evaluations", file=sys.stderr)
                break
    return results


def compiled_step(config: ConfigDict, model: SAM, tx, mesh):
    """The training step, compiled for the mesh: batches split over it, the state where
    `state_shardings` says, and given up to the step."""
    one = functools.partial(
        steps.train_step,
        model=model,
        tx=tx,
        weights=experiment.build_loss_weights(config),
        timestep_weights=experiment.build_timestep_weights(config),
        collapse_repeats=config.loss.collapse_repeats,
        ema_decay=config.train.ema_decay,
        seed=config.train.seed,
    )
    _, shardings = _abstract(config, model, tx, mesh)

    def step(state, batch):
        return one(state, in_order(batch, mesh))

    return jax.jit(
        step,
        donate_argnums=0,
        in_shardings=(shardings, None),
        out_shardings=(shardings, replicated(mesh)),
    )


def batches_from(start: int, config: ConfigDict, model: SAM, sources: dict, mesh):
    """(indices of this process's images, global batch on the devices) from step `start` on."""
    return train_batches(
        [source for source, _ in sources.values()],
        [weight for _, weight in sources.values()],
        batch_size=local_batch_size(config.train.batch_size, mesh),
        canvases=experiment.build_canvases(config, model),
        seed=config.train.seed,
        start_step=start,
        augment=experiment.build_augment(config),
        process_index=jax.process_index(),
        process_count=jax.process_count(),
        num_threads=config.data.threads,
        num_workers=config.data.workers,
        viewing_times_ms=config.loss.durations,
        reduced=config.data.reduced_decoding,
        cache_mib=config.data.cache_mib,
        place=lambda batch: (batch["index"], put(batch, mesh)),
    )


def restore_or_create(checkpoints: Checkpoints, config: ConfigDict, model: SAM, tx, mesh):
    """(state, step to go on from): the latest checkpoint, or a new state."""
    init, shardings = _abstract(config, model, tx, mesh)
    start = checkpoints.latest_step()
    if start is None:
        # Every process makes the same state, and gives its devices their parts of it.
        state = jax.device_get(start_from(jax.jit(init)(), config, model))
        return jax.tree.map(jax.device_put, state, shardings), 0
    abstract = jax.tree.map(
        lambda leaf, sharding: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=sharding),
        jax.eval_shape(init),
        shardings,
    )
    print(f"resuming from step {start}", file=sys.stderr)
    return checkpoints.restore(abstract, start), start


def _abstract(config: ConfigDict, model: SAM, tx, mesh):
    """(function that makes the first state, where each of its arrays lies)."""
    init = functools.partial(
        create_state,
        model,
        tx,
        config.train.seed,
        config.data.input_size,
        keep_ema=config.train.ema_decay > 0,
    )
    return init, state_shardings(jax.eval_shape(init), mesh, config.train.shard_optimizer)


def image_ids(sources: dict, index: np.ndarray) -> list[str]:
    """Names of the images at positions in the concatenated sources."""
    names = []
    for i in map(int, index):
        for name, (source, _) in sources.items():
            if i < len(source):
                names.append(f"{name}/{source.image_id(i)}")
                break
            i -= len(source)
    return names
