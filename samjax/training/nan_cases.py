"""A training step that failed, kept to be replayed: WORKDIR/nan/step_N.

    about.json      the step, what was not finite, the images, the seed's key, the configuration
    state.msgpack   the state before the step, as flax.serialization writes it
    batch.msgpack   the global batch, in the order of the data

A folder appears under its name when it is complete.
"""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import serialization
from jax.sharding import Mesh

from samjax.console.log import log
from samjax.errors import UserError
from samjax.parallel.mesh import in_order, replicated
from samjax.parallel.processes import is_main_process
from samjax.training.metrics import NAMES

NAN = "nan"
ABOUT, STATE, BATCH = "about.json", "state.msgpack", "batch.msgpack"
CHECKED = ("loss", "gradient_norm")
"""The metrics of a step that must be finite."""


class Case(NamedTuple):
    """A step that failed.

    Attributes:
        about: What `about.json` holds.
        state: The state before the step, as nested dictionaries of arrays.
        batch: The arrays of the global batch by name.
    """

    about: dict[str, Any]
    state: dict[str, Any]
    batch: dict[str, np.ndarray]


class Keeping:
    """A training step that keeps its state and batch where its loss or gradient is not finite.

    It copies each state, since the step gives its own up, and waits for each step, since the copy
    is given up too. What it returns is what the step returns.
    """

    def __init__(
        self,
        step: Callable,
        mesh: Mesh,
        folder: Path,
        about: Callable[[np.ndarray], dict[str, Any]],
    ) -> None:
        """Keep nothing yet.

        Args:
            step: The training step: of a state and a batch.
            mesh: The devices of all processes.
            folder: Of the cases.
            about: Returns what is to be kept about a run and the images at positions in the data.
        """
        self._step, self._mesh, self._folder, self._about = step, mesh, folder, about
        self._kept = False

    def __call__(self, state: Any, batch: Any) -> Any:
        """Return what the step returns. All processes must call this."""
        if self._kept:  # what is not finite now is so because of the step before
            return self._step(state, batch)
        before = jax.tree.map(jnp.copy, state)
        after, metrics = self._step(state, batch)
        values = jax.device_get({name: getattr(metrics, name).total for name in CHECKED})
        wrong = [NAMES[name] for name, value in values.items() if not math.isfinite(value)]
        if wrong:
            self._kept = True
            self._keep(before, batch, wrong)
        return after, metrics

    def _keep(self, state: Any, batch: Any, wrong: list[str]) -> None:
        whole = replicated(self._mesh)
        batch = jax.jit(lambda b: in_order(b, self._mesh), out_shardings=whole)(batch)
        state = jax.jit(lambda s: s, out_shardings=whole)(state)
        if not is_main_process():
            return
        batch, state = jax.device_get((batch, state))
        step = int(state.step) + 1
        about = {"step": step, "not_finite": wrong, **self._about(batch["index"])}
        folder = write_case(self._folder, Case(about, serialization.to_state_dict(state), batch))
        workdir = self._folder.parent
        log(
            f"step {step} is kept in {folder}; `python -m experiments.replay --workdir={workdir} "
            f"--step={step}` names where it first is not finite"
        )


def write_case(folder: Path, case: Case) -> Path:
    """Write a case, whole or not at all, in place of one of the same step; return its folder."""
    path = folder / f"step_{case.about['step']}"
    partial = folder / f".{path.name}"
    shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
    partial.mkdir(parents=True)
    try:
        (partial / STATE).write_bytes(serialization.msgpack_serialize(case.state))
        (partial / BATCH).write_bytes(serialization.msgpack_serialize(dict(case.batch)))
        (partial / ABOUT).write_text(json.dumps(case.about, indent=1) + "\n", encoding="utf-8")
        if path.exists():
            shutil.rmtree(path)
        partial.rename(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return path


def read_case(workdir: Path, step: int | None = None) -> Case:
    """Return the case of a step, or the one of the latest step that has one.

    Raises:
        UserError: There is none, or it is damaged.
    """
    folder = workdir / NAN
    names = [path.name.removeprefix("step_") for path in folder.glob("step_*")]
    steps = sorted(int(name) for name in names if name.isdecimal())
    if not steps:
        raise UserError(
            f"{workdir} keeps no step that was not finite; give the training command again with "
            "--debug-nans, which keeps it when it comes"
        )
    if step is not None and step not in steps:
        kept = ", ".join(map(str, steps))
        raise UserError(f"--step={step} is not kept in {folder}; there are {kept}")
    path = folder / f"step_{steps[-1] if step is None else step}"
    try:
        about = json.loads((path / ABOUT).read_bytes())
        state, batch = (
            serialization.msgpack_restore((path / name).read_bytes()) for name in (STATE, BATCH)
        )
        about["step"], about["config"], state["params"], batch["index"]
    except (ValueError, LookupError, TypeError, OSError) as error:
        raise UserError(
            f"{path} is damaged ({type(error).__name__}); remove it and give the training command "
            "again with --debug-nans"
        ) from error
    return Case(about, state, batch)
