"""Kills a process with SIGKILL at random moments while it saves, and counts what is left.

    python -m tests.campaigns.killed_saves [--kills=30]

The process saves states of 24 MiB, one after the other, and begins with the newest checkpoint that
is whole. After each kill the outcomes are

    whole      no checkpoint is damaged, and the newest holds what was saved at its step
    none       there is no checkpoint yet
    damaged    a checkpoint under its own name is damaged
    wrong      a checkpoint holds something else

`inside` is how many of the kills left a checkpoint half-written or half-removed.
"""

import argparse
import collections
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jax
import jax.numpy as jnp

from samjax.training.checkpoint import Checkpoints
from samjax.training.checkpoint_folders import REMOVING, SAVING
from samjax.training.state import TrainState

SIZE = 2**20  # numbers in each of six arrays
MAX_SECONDS = 3.0  # from the first save to the kill


def state(step: int) -> TrainState:
    """A state that its step tells."""
    arrays = {name: jnp.full(SIZE, float(step)) for name in ("a", "b")}
    moments = {"mu": arrays, "nu": arrays}
    return TrainState(
        jnp.int32(step), arrays, {}, moments, {}, jnp.float32(step % 5), jnp.int32(step)
    )


def abstract() -> TrainState:
    here = jax.sharding.SingleDeviceSharding(jax.devices()[0])
    return jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=here), state(0))


def save_for_ever(folder: Path) -> None:
    """Save one state after the other, from the newest on."""
    checkpoints = Checkpoints(folder)
    newest = checkpoints.find().newest
    step = newest.step if newest else 0
    print("ready", flush=True)
    while True:
        step += 1
        checkpoints.save(step, state(step), score=float(step % 5))


def kill_one(folder: Path, seconds: float) -> None:
    """Start a process that saves, and kill it so many seconds after it is ready."""
    command = [sys.executable, "-m", "tests.campaigns.killed_saves", f"--save={folder}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)


def outcome(folder: Path) -> str:
    checkpoints = Checkpoints(folder)
    found = checkpoints.find()
    if found.damaged:
        return "damaged"
    if found.newest is None:
        return "none"
    restored = checkpoints.restore(abstract(), found.newest.step)
    same = jax.tree.map(lambda a, b: bool((a == b).all()), restored, state(found.newest.step))
    return "whole" if all(jax.tree.leaves(same)) else "wrong"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--save", type=Path, help="save into this folder for ever")
    args = parser.parse_args()
    if args.save:
        save_for_ever(args.save)
    counts: collections.Counter = collections.Counter()
    rng = random.Random(0)
    folder = Path(tempfile.mkdtemp()) / "checkpoints"
    for _ in range(args.kills):
        kill_one(folder, rng.uniform(0, MAX_SECONDS))
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        counts["inside"] += any(name.startswith((SAVING, REMOVING)) for name in names)
        counts[outcome(folder)] += 1
    shutil.rmtree(folder.parent)
    print(", ".join(f"{count} {name}" for name, count in counts.items()))


if __name__ == "__main__":
    main()
