"""The features of a frozen backbone, computed once for each view of each image and kept on disk.

What is there already is verified by its checksums; what is missing or damaged is made, shard by
shard, so that a run that is stopped or killed goes on from the shards that are whole.
"""

import math
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from samjax.console.log import log
from samjax.data.stored_features import StoredFeatures
from samjax.data.transforms import Augment
from samjax.errors import UserError
from samjax.training.experiment import Experiment
from samjax.training.feature_filling import compile_features, fill
from samjax.training.feature_parts import Part, list_parts
from samjax.training.feature_shards import Shards, find_shards
from samjax.training.state import TrainState

GIB, MIB = 2**30, 2**20


class Features(NamedTuple):
    """The cached features of a run; None where a canvas takes no image of a dataset."""

    training: list[list[StoredFeatures | None]]  # by dataset, then by canvas
    validation: list[list[StoredFeatures | None]]  # likewise


def cached_features(
    experiment: Experiment, state: TrainState, workdir: Path, check_stop: Callable[[], None]
) -> Features | None:
    """Return the features of all images that a run needs, made where they are not there yet.

    Args:
        experiment: The run's.
        state: Whose backbone makes the features; it is frozen.
        workdir: The run's folder.
        check_stop: Called between batches; raises if the run is asked to stop.

    Returns:
        The features; None where the experiment does not cache them.

    Raises:
        UserError: They would take more room than they may, values do not fit their type, or
            another run is making them.
    """
    cache = experiment.feature_cache
    if not cache.enabled:
        return None
    folder = Path(cache.folder).expanduser() if cache.folder else workdir.parent / "features"
    variables = {"params": state.params, "batch_stats": state.batch_stats}
    reduced = experiment.loading.reduced_decoding
    training = list_parts(
        experiment, experiment.training, variables, folder, experiment.augment, reduced
    )
    as_it_is = Augment(views=1)  # as `eval_batches` shows images
    validation = list_parts(experiment, experiment.validation, variables, folder, as_it_is, False)
    # What is validated on may be what is trained on; then it is one part.
    every = [part for row in (*training, *validation) for part in row if part is not None]
    parts = list({part.folder: part for part in every}.values())
    shards = {part.folder: find_shards(part.folder) for part in parts}
    if any(shards[part.folder].missing(part.layout) for part in parts):
        check_room(parts, shards, folder, cache.gib)
        compute = compile_features(experiment, variables)
        for part in parts:
            if shards[part.folder].missing(part.layout):
                shards[part.folder] = fill(part, compute, experiment, check_stop)
    return Features(*(_open(rows, shards) for rows in (training, validation)))


def check_room(parts: Sequence[Part], shards: dict[Path, Shards], folder: Path, gib: float) -> None:
    """Say how much disk the features take, before they are computed.

    Args:
        parts: All that the run needs.
        shards: What is there of them, by their folders.
        folder: Of the features of all runs.
        gib: What it may hold.

    Raises:
        UserError: It is more than the bound, or than there is room for.
    """
    wanted = sum(part.layout.bytes for part in parts)
    there = sum(path.stat().st_size for s in shards.values() for path in s.whole.values())
    missing = max(0, wanted - there)
    damaged = sum(path.stat().st_size for s in shards.values() for path in s.damaged)
    others = _size(folder) - there - damaged
    views = sum(part.layout.rows for part in parts)
    what = f"the features of {views:,} views take {_amount(wanted)} in {folder}"
    if wanted + others > gib * GIB:
        beside = f", beside {_amount(others)} of other runs" if others else ""
        needed = math.ceil((wanted + others) / GIB * 1000) / 1000
        raise UserError(
            f"{what}{beside}, more than train.cache_gib={gib:g}; set "
            f"--config.train.cache_gib={needed:g}, take fewer --config.augment.views, or remove "
            "folders there that no run needs"
        )
    existing = next(path for path in (folder, *folder.absolute().parents) if path.is_dir())
    free = shutil.disk_usage(existing).free
    if missing > free:
        raise UserError(
            f"{what}, and only {_amount(free)} are free there; make room, take fewer "
            "--config.augment.views, or set --config.train.cache_dir"
        )
    log(f"{what}, of which {_amount(there)} are there already")


def _open(
    rows: Sequence[Sequence[Part | None]], shards: dict[Path, Shards]
) -> list[list[StoredFeatures | None]]:
    """Return readers of parts whose shards are all there."""

    def reader(part: Part) -> StoredFeatures:
        whole = shards[part.folder].whole
        return StoredFeatures(part.layout, [whole[k] for k in range(part.layout.shards)])

    return [[reader(part) if part else None for part in row] for row in rows]


def _size(folder: Path) -> int:
    """Return the bytes of all files in a folder, 0 where there is none."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _amount(size: float) -> str:
    """Return a number of bytes as a message shows it."""
    return f"{size / GIB:.2f} GiB" if size > GIB / 10 else f"{size / MIB:.2f} MiB"
