"""The training loop.

Its order is a contract: take a batch, step, log, evaluate, save. The step number is the position
in the data, the schedule and the random streams, and a checkpoint holds the whole state, so a run
that was killed goes on from its last checkpoint as if it had never stopped, bit for bit, with any
number of workers.
"""

import functools
import sys
import time
from pathlib import Path

import jax
import numpy as np
from ml_collections import ConfigDict

from samjax import experiment, steps
from samjax.checkpoint import Checkpoints
from samjax.data.pipeline import train_batches
from samjax.mesh import local_batch_size, make_mesh, over_batch, put, replicated
from samjax.models.sam import map_size
from samjax.progress import Progress
from samjax.recent import Recent
from samjax.state import create_state
from samjax.validate import Validation
from samjax.writer import NoWriter, Writer


def train(config: ConfigDict, workdir: Path) -> dict[str, float]:
    """Trains as `config` says, in `workdir`; resumes by itself. Returns the last validation."""
    workdir.mkdir(parents=True, exist_ok=True)
    c, mesh = config.train, make_mesh()
    model = experiment.build_model(config)
    sources = experiment.build_sources(
        config.data.train, config.data.train_split, config.data.data_dir
    )
    plan = experiment.build_plan(config, sum(len(source) for source, _ in sources.values()))
    tx = experiment.build_optimizer(config, plan)
    weights, collapse = experiment.build_weights(config), config.loss.collapse_repeats

    init = functools.partial(
        create_state, model, tx, c.seed, config.data.input_size, keep_ema=c.ema_decay > 0
    )
    checkpoints = Checkpoints(workdir / "checkpoints", c.keep)
    state, start = restore_or_create(checkpoints, init, mesh)
    experiment.save_config(config, workdir)
    step_fn = jax.jit(
        functools.partial(
            steps.train_step,
            model=model,
            tx=tx,
            weights=weights,
            collapse_repeats=collapse,
            ema_decay=c.ema_decay,
            seed=c.seed,
        ),
        donate_argnums=0,
        in_shardings=(replicated(mesh), over_batch(mesh)),
        out_shardings=replicated(mesh),
    )
    validation = Validation(config, model, weights, mesh)
    if start and (start >= plan.steps or validation.exhausted(state, plan.evaluate_every)):
        print(f"already complete at step {start}", file=sys.stderr)
        return {}
    batches = train_batches(
        [source for source, _ in sources.values()],
        [weight for _, weight in sources.values()],
        batch_size=local_batch_size(c.batch_size, mesh),
        input_size=config.data.input_size,
        map_size=map_size(model, config.data.input_size),
        seed=c.seed,
        start_step=start,
        augment=experiment.build_augment(config),
        process_index=jax.process_index(),
        process_count=jax.process_count(),
        num_threads=config.data.threads,
        num_workers=config.data.workers,
    )
    writer = Writer(workdir, start) if jax.process_index() == 0 else NoWriter()
    progress = Progress(start, plan.steps, c.batch_size)
    recent = Recent(lambda index: image_ids(sources, index))
    results: dict[str, float] = {}
    last = plan.steps - 1

    for step in range(start, plan.steps):
        asked = time.monotonic()
        batch = next(batches)
        progress.waited(time.monotonic() - asked)
        state, metrics = step_fn(state, put(batch, mesh))
        recent.add(step + 1, batch["index"], metrics)
        progress.step()

        done, score, stop = step + 1, None, False
        if done % c.log_every == 0 or step == last:
            values = recent.drain()
            progress.report(done, "train", values)
            writer.scalars(done, "train", values | progress.speed())
        evaluate_now = done % plan.evaluate_every == 0 or step == last
        if evaluate_now:
            recent.settle()
            results = validation.run(state, done, writer, progress)
            state, score = validation.judge(state, results)
            stop = validation.exhausted(state, plan.evaluate_every)
        if evaluate_now or done % c.checkpoint_every == 0:
            recent.settle()
            checkpoints.save(done, state, score)
            progress.pause()
        if stop:
            print(f"no better {c.monitor} for {c.patience} evaluations: stopped", file=sys.stderr)
            break

    progress.close()
    writer.close()
    checkpoints.close()
    return results


def restore_or_create(checkpoints: Checkpoints, init, mesh):
    """(state, step to go on from): the latest checkpoint, or a new state."""
    sharding = replicated(mesh)
    start = checkpoints.latest_step()
    if start is None:
        return jax.jit(init, out_shardings=sharding)(), 0
    abstract = jax.tree.map(
        lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=sharding),
        jax.eval_shape(init),
    )
    print(f"resuming from step {start}", file=sys.stderr)
    return checkpoints.restore(abstract, start), start


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
