"""Reading checkpoints: which are whole, which is the best, and the arrays in them."""

import dataclasses
from pathlib import Path
from typing import NamedTuple

import jax

from samjax.training import item_files
from samjax.training.checkpoint_folders import steps
from samjax.training.record import DamagedError, Record, read_record, verify
from samjax.training.state import TrainState, not_finite


class Found(NamedTuple):
    """What there is to resume from.

    Attributes:
        newest: The record of the newest checkpoint that is whole; None where there is none.
        damaged: What is wrong with those that are damaged.
    """

    newest: Record | None
    damaged: list[DamagedError]


def find_whole(folder: Path) -> Found:
    """Verify all checkpoints of a folder and return what there is to resume from."""
    newest, damaged = None, []
    for step in steps(folder):
        path = folder / str(step)
        try:
            record = read_record(path)
            verify(path, record)
            newest = record
        except DamagedError as error:
            damaged.append(error)
    return Found(newest, damaged)


def best_step(folder: Path) -> int | None:
    """Return the step with the highest score, or the latest one where none has a score.

    Raises:
        DamagedError: The score of a checkpoint cannot be read, so it might be the best.
    """
    records = [read_record(folder / str(step)) for step in steps(folder)]
    best = best_scored(records)
    return max((record.step for record in records), default=None) if best is None else best


def best_scored(records: list[Record]) -> int | None:
    """Return the step with the highest score, the later of equal ones; None without a score."""
    scored = [(record.score, record.step) for record in records if record.score is not None]
    return max(scored)[1] if scored else None


def readable_records(folder: Path) -> list[Record]:
    """Return the records of the checkpoints whose records are not damaged."""
    records = []
    for step in steps(folder):
        try:
            records.append(read_record(folder / str(step)))
        except DamagedError:  # damaged while the run goes on: the next resuming tells it
            continue
    return records


def read_state(path: Path, abstract: TrainState) -> TrainState:
    """Return the state of a checkpoint, whose files were verified before.

    Args:
        path: Its folder.
        abstract: The shapes, types and shardings that the state must have.

    Raises:
        DamagedError: The checkpoint cannot be read, or has values that are not finite.
        UserError: The checkpoint has other shapes or types.
    """
    wanted = items_of(abstract)
    item_files.check_shapes(path, wanted, item_files.shapes(path))
    state = dataclasses.replace(abstract, **item_files.load(path, wanted))
    if name := not_finite(state):
        raise DamagedError(path, f"{name} is not finite")
    return state


def read_items(path: Path, names: tuple[str, ...]) -> dict:
    """Return items of a checkpoint by name, on one device; {} for an item that it lacks.

    Raises:
        DamagedError: Their files are not those that were written, or cannot be read.
    """
    verify(path, read_record(path), names)
    have = item_files.shapes(path)
    here = jax.sharding.SingleDeviceSharding(jax.local_devices()[0])
    wanted = {
        name: jax.tree.map(
            lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=here), have[name]
        )
        for name in names
        if name in have
    }
    empty: dict[str, dict] = {name: {} for name in names}
    return empty | item_files.load(path, wanted)


def items_of(state: TrainState) -> dict:
    """Return the fields of a state that hold anything, by name."""
    fields = {f.name: getattr(state, f.name) for f in dataclasses.fields(state)}
    return {name: value for name, value in fields.items() if jax.tree.leaves(value)}
