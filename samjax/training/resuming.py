"""Whether a run may go on from a checkpoint, and the way to begin anew.

A checkpoint means what its configuration and its data say. Whatever changes that is refused, with
the differences; what only says how long, how often, how fast or where may change.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from samjax.console.log import log
from samjax.errors import UserError
from samjax.parallel.processes import all_gather_objects, is_main_process
from samjax.training.config_file import CONFIG, load_config, todays_fields
from samjax.training.data_identity import identify
from samjax.training.experiment import Experiment
from samjax.training.record import MadeWith, Record

MAY_CHANGE = (
    "data.data_dir",  # the data themselves are compared
    "data.threads",
    "data.workers",
    "data.cache_mib",
    "model.remat",
    "model.unroll",
    "train.epochs",
    "train.max_steps",
    "train.log_every",
    "train.checkpoint_every",
    "train.evaluate_every",
    "train.keep",
    "train.pictures",
    "train.patience",
    "train.offline",
    "train.cache_gib",
    "train.cache_dir",  # the features themselves are known by what they are made of
    "train.space",
    "train.shard_optimizer",
)
"""The fields that a run may be resumed with other values of."""

SHOWN = 8  # differences that a message lists

OF_A_RUN = (
    CONFIG,
    "checkpoints",
    "metrics.jsonl",
    "metrics.odd",
    "tensorboard",
    "evaluation",
    "report",
    "profile",
    "nan",
    "trackers.json",
    "wandb",
    "mlruns",
)
"""What a work folder holds of a run and of what was made of it."""


def made_with(experiment: Experiment) -> MadeWith:
    """Return what the checkpoints of an experiment are made with.

    All processes must call this: the data are those that the main one sees.

    Raises:
        UserError: The data hold nothing to learn from or to validate on.
    """
    data = identify(experiment.training, experiment.validation)
    return MadeWith(experiment.config.to_dict(), all_gather_objects(data)[0])


def check_same_run(record: Record, now: MadeWith, workdir: Path) -> None:
    """Check that a run goes on with what its checkpoint was made with.

    Args:
        record: Of the checkpoint. One of a former version does not say what it was made with, and
            the work folder's configuration stands for it.
        now: The configuration and the data of the run that wants to go on.
        workdir: The work folder.

    Raises:
        UserError: Something differs that may not change. The message has the saved and the new
            values, and the ways on.
    """
    config, data = record.made_with
    if not config and (workdir / CONFIG).is_file():
        config = load_config(workdir).to_dict()
    found = [*_config_differences(config, now.config), *_data_differences(data, now.data)]
    if found:
        more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise UserError(
            f"{workdir} was trained with something else: {', '.join(found[:SHOWN])}{more}; give "
            "the saved values, choose another --workdir, or train anew here with --restart, which "
            "sets the old run aside"
        )
    _tell_schedule(config, now.config, record.step)


def _config_differences(saved: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield 'FIELD SAVED -> NEW' for each field that differs and may not change."""
    if not saved:
        return
    before, after = flat(todays_fields(saved)), flat(new)
    for field in sorted({*before, *after} - {*MAY_CHANGE}):
        if field not in after:
            yield f"{field} {_shown(before[field])} -> no such field"
        elif field not in before:
            yield f"{field} not there -> {_shown(after[field])}"
        elif before[field] != after[field]:
            yield f"{field} {_shown(before[field])} -> {_shown(after[field])}"


def _data_differences(saved: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield 'DATASET (PART) FACT SAVED -> NEW' for each fact about the data that differs."""
    for part, datasets in saved.items():
        for name, facts in datasets.items():
            others = new.get(part, {}).get(name, {})
            for fact, value in facts.items():
                # A fact that one of them does not know tells nothing.
                if None not in (value, others.get(fact)) and value != others[fact]:
                    yield f"{fact} of {name} ({part}) {_shown(value)} -> {_shown(others[fact])}"


def _tell_schedule(saved: dict[str, Any], new: dict[str, Any], step: int) -> None:
    """Say that another number of epochs changes the rates that are still to come."""
    before, after = saved.get("train", {}), new.get("train", {})
    if after.get("schedule") == "warmup_cosine" and before.get("epochs") != after.get("epochs"):
        log(
            f"train.epochs {before.get('epochs')} -> {after['epochs']}: from step {step} on the "
            "learning rate is that of a run of this length"
        )


def set_aside(workdir: Path) -> None:
    """Move what a work folder holds of a run into the new folder WORKDIR/replaced-N.

    All processes must call this; the main one moves the files, and the others wait for it.
    """
    if is_main_process():
        _move(workdir)
    all_gather_objects(None)


def _move(workdir: Path) -> None:
    there = [workdir / name for name in OF_A_RUN if (workdir / name).exists()]
    if not there:
        return
    number = 1
    while (workdir / f"replaced-{number}").exists():
        number += 1
    aside = workdir / f"replaced-{number}"
    aside.mkdir()
    # The checkpoints first: without them, whatever was left is no run that could be resumed.
    for path in sorted(there, key=lambda path: path.name != "checkpoints"):
        path.rename(aside / path.name)
    log(f"the old run is kept in {aside}")


def flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the values of nested dictionaries by their dotted names, as JSON keeps them."""
    fields: dict[str, Any] = {}
    for name, value in config.items():
        if isinstance(value, Mapping):
            fields |= flat(value, f"{prefix}{name}.")
        else:
            fields[f"{prefix}{name}"] = json.loads(json.dumps(value))
    return fields


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
