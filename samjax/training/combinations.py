"""Which values of different fields go together. Each field by itself is right already.

Every check raises a UserError that names the fields, their values and the remedy.
"""

import os
from pathlib import Path

from ml_collections import ConfigDict

from samjax.errors import UserError, listed, suggestion
from samjax.training.feature_checks import check_cached_features, check_views
from samjax.training.field_checks import shown
from samjax.weights.keras3 import HED
from samjax.weights.published import PUBLISHED

IMAGENET = "imagenet-"
"""What the published names of backbones trained on ImageNet begin with."""


def check_combinations(config: ConfigDict) -> None:
    """Check the fields of a configuration against each other.

    Raises:
        UserError: Some do not go together.
    """
    _check_backbone_weights(config)
    _check_names(config)
    _check_loss(config)
    _check_distillation(config)
    _check_timesteps(config)
    _check_folds(config.data)
    _check_schedule(config.train)
    check_views(config)
    check_cached_features(config)
    if not any(config.train.factors.to_dict().values()):
        raise UserError("train.factors are all 0, so nothing would learn; set one of them above 0")


def backbone_source(config: ConfigDict) -> str:
    """Return the name or path of the backbone's weights, "" for random values."""
    name = config.model.backbone_weights
    if name == "none":
        return ""
    return f"{IMAGENET}{config.model.backbone}" if name == "imagenet" else name


def teachers_of(config: ConfigDict) -> tuple[str, ...]:
    """Return the names of the networks whose maps a config's network learns from."""
    names = config.get("distill", {}).get("teacher", "")
    return tuple(name.strip() for name in names.split(",")) if names else ()


def _check_backbone_weights(config: ConfigDict) -> None:
    model = config.model
    if model.backbone_weights == "imagenet" and backbone_source(config) not in PUBLISHED:
        names = [name.removeprefix(IMAGENET) for name in PUBLISHED if name.startswith(IMAGENET)]
        backbones = [name for name in names if "-" not in name]
        raise UserError(
            f"model.backbone_weights='imagenet' is not published for model.backbone="
            f"{model.backbone!r}; use the backbone {listed(backbones)}, or other weights"
        )


def _check_names(config: ConfigDict) -> None:
    """Check that what is no file is no misspelt published name either.

    What looks like a file is left to the start of the training: a run that goes on from a
    checkpoint needs it no more.
    """
    values = [
        ("train.start_from", config.train.start_from),
        ("model.backbone_weights", config.model.backbone_weights),
        *(("distill.teacher", teacher) for teacher in teachers_of(config)),
    ]
    special = {"model.backbone_weights": ("none", "imagenet", HED)}
    for field, value in values:
        known = (*PUBLISHED, *special.get(field, ("",)))
        if value in known or Path(value).suffix or os.path.exists(value):
            continue
        if hint := suggestion(value, known):
            raise UserError(
                f"{field}={shown(value)} is no file and no published name{hint}; "
                f"use the path of a file or {listed(filter(None, known))}"
            )


def _check_loss(config: ConfigDict) -> None:
    loss = config.loss
    taught = config.distill.teacher and config.distill.weight
    if not any((loss.kl, loss.cc, loss.nss, loss.log_likelihood)) and not taught:
        raise UserError(
            "loss.kl, loss.cc, loss.nss and loss.log_likelihood are all 0, so nothing would learn; "
            "give one of them a weight"
        )


def _check_distillation(config: ConfigDict) -> None:
    if not all(teachers_of(config)):
        raise UserError(
            f"distill.teacher={shown(config.distill.teacher)} names nothing beside a comma; name "
            "the teachers as in runs/one,runs/two"
        )
    if config.distill.mix and not config.distill.teacher:
        raise UserError(
            f"distill.mix={config.distill.mix} blends images of which only a teacher knows the "
            "map, and distill.teacher is empty; name a teacher, or set --config.distill.mix=0.0"
        )


def _check_timesteps(config: ConfigDict) -> None:
    loss = config.loss
    timesteps = max(config.model.timesteps, 1)
    weights, times = loss.timestep_weights, loss.viewing_times_ms
    for name, values in (("timestep_weights", weights), ("viewing_times_ms", times)):
        if values and len(values) != timesteps:
            raise UserError(
                f"loss.{name}={values} has {len(values)} values for {timesteps} timesteps; "
                "give one each"
            )
    if times and not weights:
        one_each = ",".join("1" * timesteps)
        raise UserError(
            "loss.viewing_times_ms gives each timestep its own target, so each needs a weight; "
            f"set --config.loss.timestep_weights='({one_each},)'"
        )
    if weights and not any(weights):
        raise UserError(f"loss.timestep_weights={weights} are all 0; give one timestep a weight")


def _check_folds(data: ConfigDict) -> None:
    if data.folds == 1:
        raise UserError("data.folds=1 leaves nothing to train on; use 0 for no folds, or 2 or more")
    if data.fold >= max(data.folds, 1):
        allowed = f"0 to {data.folds - 1}" if data.folds else "0, or set --config.data.folds too"
        raise UserError(f"data.fold={data.fold} is none of data.folds={data.folds}; use {allowed}")


def _check_schedule(train: ConfigDict) -> None:
    if train.schedule == "warmup_cosine" and train.warmup_epochs > train.epochs:
        raise UserError(
            f"train.warmup_epochs={train.warmup_epochs:g} is longer than the training, "
            f"train.epochs={train.epochs:g}; use at most {train.epochs:g}"
        )
