"""Checkpoints of a work folder. No other file imports orbax.

Each field of the state is an item of its own, so that prediction reads only what it needs. A save
is atomic: until it is complete, its step does not exist.
"""

import dataclasses
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
from orbax.checkpoint import v1 as ocp

from samjax.errors import UserError
from samjax.training.state import TrainState

SCORE = "score"
UNLOGGED = "unlogged"
_policies = ocp.training.preservation_policies


def _path(path: tuple) -> str:
    """Return where a leaf is.

    Saved trees have plain dicts and lists where ours have other nodes.
    """
    return jax.tree_util.keystr(path, simple=True, separator="/")


class Checkpoints:
    """The checkpoints of a folder, of which the latest few and the best one are kept."""

    def __init__(self, folder: Path, latest: int = 2) -> None:
        """Open a folder, which may be empty; `latest` is how many of the latest to keep."""
        # Otherwise orbax reports every file that it writes.
        logging.getLogger("absl").setLevel(logging.WARNING)
        policy = _policies.AnyPreservationPolicy(
            [
                _policies.LatestN(latest),
                _policies.BestN(
                    get_metric_fn=lambda metrics: metrics[SCORE],
                    n=1,
                    keep_checkpoints_without_metrics=False,
                ),
            ]
        )
        self._folder = Path(folder).absolute()
        self._checkpointer = ocp.training.Checkpointer(
            self._folder,
            save_decision_policy=ocp.training.save_decision_policies.FixedIntervalPolicy(1),
            preservation_policy=policy,
            cleanup_tmp_directories=True,
        )

    def save(
        self,
        step: int,
        state: TrainState,
        score: float | None = None,
        unlogged: list[dict] | None = None,
    ) -> None:
        """Start writing a checkpoint, and return as soon as the state may be donated.

        A step that is saved already is left alone, unless it was saved without the score.

        Args:
            step: The number of steps that the state has taken.
            state: What to save.
            score: Of the validation at this step, larger is better; None without one.
            unlogged: Metrics of the steps since the last log, see `DelayedMetrics`.
        """
        latest = self._checkpointer.latest
        if latest is not None and latest.step == step and (score is None or latest.metrics):
            return
        items = {
            f.name: value
            for f in dataclasses.fields(state)
            if jax.tree.leaves(value := getattr(state, f.name))
        }
        metrics = None if score is None else {SCORE: score}
        self._checkpointer.save_checkpointables_async(
            step,
            items,
            metrics=metrics,
            custom_metadata={UNLOGGED: unlogged or []},
            overwrite=latest is not None and latest.step == step,
        )

    def latest_step(self) -> int | None:
        """Return the step of the latest checkpoint, None where there is none."""
        latest = self._checkpointer.latest
        return None if latest is None else latest.step

    def is_scored(self, step: int) -> bool:
        """Return whether a saved step has a score."""
        return any(c.step == step and c.metrics for c in self._checkpointer.checkpoints)

    def unlogged(self, step: int) -> list[dict]:
        """Return the metrics that were saved with a step, see `save`."""
        saved = self._checkpointer.checkpointables_metadata(step).custom_metadata
        return (saved or {}).get(UNLOGGED, [])

    def restore(self, abstract: TrainState, step: int | None = None) -> TrainState:
        """Return a saved state.

        Args:
            abstract: The shapes, types and shardings that the state must have.
            step: Of the checkpoint; None for the latest one.

        Raises:
            UserError: The checkpoint has other shapes or types.
        """
        wanted = {
            f.name: value
            for f in dataclasses.fields(abstract)
            if jax.tree.leaves(value := getattr(abstract, f.name))
        }
        self._check(wanted, step)
        loaded = self._checkpointer.load_checkpointables(step, wanted)
        return dataclasses.replace(abstract, **loaded)

    def load(self, names: tuple[str, ...], step: int | None = None) -> dict:
        """Return items of a checkpoint by name, on one device; {} for an item that it lacks."""
        have = self._checkpointer.checkpointables_metadata(step).metadata
        here = jax.sharding.SingleDeviceSharding(jax.local_devices()[0])
        wanted = {
            name: jax.tree.map(
                lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=here), have[name]
            )
            for name in names
            if name in have
        }
        loaded = self._checkpointer.load_checkpointables(step, wanted)
        return {name: loaded.get(name, {}) for name in names}

    def _check(self, wanted: Mapping[str, Any], step: int | None) -> None:
        """Refuse what orbax would cast silently (a type) or explain in many lines (a shape)."""
        have = self._checkpointer.checkpointables_metadata(step).metadata
        for name, tree in wanted.items():
            if name not in have:
                raise UserError(
                    f"{self._folder} has no {name}: it was made with another configuration; "
                    "choose another --workdir"
                )
            saved = {_path(p): leaf for p, leaf in jax.tree.leaves_with_path(have[name])}
            for path, leaf in jax.tree.leaves_with_path(tree):
                self._check_leaf(f"{name}/{_path(path)}", saved.get(_path(path)), leaf)

    def _check_leaf(self, name: str, saved: Any, wanted: Any) -> None:
        found = None if saved is None else (tuple(saved.shape), str(saved.dtype))
        if found != (tuple(wanted.shape), str(wanted.dtype)):
            raise UserError(
                f"{self._folder}: {name} is {found}, the configuration wants "
                f"{(tuple(wanted.shape), str(wanted.dtype))}; choose another --workdir"
            )

    def close(self) -> None:
        """Wait until everything is on disk."""
        self._checkpointer.close()

    @property
    def steps(self) -> list[int]:
        """The steps that have a checkpoint, in order."""
        return sorted(c.step for c in self._checkpointer.checkpoints)

    @property
    def best_step(self) -> int | None:
        """The step with the highest score, or the latest one where none has a score."""
        scored = [c for c in self._checkpointer.checkpoints if c.metrics]
        if not scored:
            return self.latest_step()
        return max(scored, key=lambda c: (c.metrics[SCORE], c.step)).step
