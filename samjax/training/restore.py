"""The weights of a trained network: from a work folder, a weight file or a published name."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import jax
import numpy as np
from ml_collections import ConfigDict

from samjax import weights
from samjax.errors import UserError
from samjax.files.address import is_address
from samjax.training.checkpoint_folders import steps
from samjax.training.checkpoint_reading import best_step, read_items
from samjax.training.config import model_fields
from samjax.training.config_file import CONFIG, load_config, parse_config
from samjax.training.record import RECORD, DamagedError, read_record
from samjax.training.work_folder import opened
from samjax.weights import Pretrained
from samjax.weights.pretrained import shapes

T = TypeVar("T")
ATTEMPTS = 5


def read_weights(source: str | Path, *, offline: bool = False) -> Pretrained:
    """Return the weights of a work folder, or of one at an address, a weight file or a name.

    Of a work folder the best checkpoint is taken, by the score that training monitored. Where it is
    damaged, no other one takes its place.

    Raises:
        UserError: There is no such file, folder or name, or it cannot be read.
    """
    if is_address(source):
        with opened(source) as workdir:
            return _of_best(workdir, _weights)
    if Path(source).is_dir():
        return _of_best(Path(source), _weights)
    return weights.load(source, offline=offline)


def read_config(workdir: Path) -> ConfigDict:
    """Return the config that the best checkpoint of a work folder was made with.

    Without a checkpoint, or where it is damaged, it is that of `config.json`.

    Raises:
        UserError: There is neither, or the config cannot be read.
    """
    try:
        return _of_best(workdir, _config)
    except (_NoCheckpointError, DamagedError):
        return load_config(workdir)


class _NoCheckpointError(UserError):
    """A work folder without a checkpoint."""


def _of_best(workdir: Path, read: Callable[[Path, Path], T]) -> T:
    """Return what `read` makes of a work folder and the folder of its best checkpoint.

    Raises:
        UserError: There is no checkpoint, or the best one is damaged.
    """
    folder = (workdir / "checkpoints").absolute()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            step = best_step(folder)
            if step is not None:
                return read(workdir, folder / str(step))
            break
        except DamagedError as error:
            # A run that goes on meanwhile removes checkpoints that it no longer needs.
            if error.path.is_dir() or attempt == ATTEMPTS:
                raise DamagedError(error.path, f"{error.problem}; {REMEDY}") from error
    if not steps(folder) and not (workdir / CONFIG).is_file():
        load_config(workdir)  # tells that it is no work folder
    raise _NoCheckpointError(f"{workdir} has no checkpoint yet; train into it first")


REMEDY = (
    "it is or may be the best one, so nothing is taken in its place: give the training command "
    "again, which sets it aside, or move its folder away"
)


def _config(workdir: Path, path: Path) -> ConfigDict:
    """Return the config that a checkpoint was made with."""
    fields = read_record(path).made_with.config
    return parse_config(fields, path / RECORD) if fields else load_config(workdir)


def _weights(workdir: Path, path: Path) -> Pretrained:
    """Return the weights of a checkpoint.

    Raises:
        UserError: It is damaged, or has values that are not finite.
    """
    config = _config(workdir, path)
    items = read_items(path, ("params", "batch_stats", "ema"))
    if config.train.ema_decay and not items["ema"]:
        raise DamagedError(path, "ema, the moving average of its parameters, is missing")
    variables = items["ema"] or {"params": items["params"], "batch_stats": items["batch_stats"]}
    if not variables["batch_stats"]:
        variables = {"params": variables["params"]}
    found = Pretrained(
        "sam",
        jax.device_get(variables),
        model_fields(config),
        f"{workdir.resolve().name}, step {path.name}",
        sha256="",
        input_size=config.data.input_size,
        buckets=config.data.buckets,
        viewing_times_ms=config.loss.viewing_times_ms,
    )
    _check_values(path, found)
    return found


def _check_values(path: Path, found: Pretrained) -> None:
    """Check the weights of a checkpoint as those of a weight file are checked."""
    flat, expected = found.flat(), shapes(found.model)
    if different := sorted(flat.keys() ^ expected.keys()):
        what = "is missing" if different[0] in expected else "is not in the network"
        raise DamagedError(path, f"{'/'.join(different[0])} {what}")
    for variable, values in flat.items():
        name = "/".join(variable)
        if values.shape != expected[variable]:
            raise DamagedError(path, f"{name} is {values.shape}, not {expected[variable]}")
        if not np.isfinite(values).all():
            raise DamagedError(path, f"{name} has values that are not finite")
