"""From a config to an experiment: the one place where a ConfigDict is read.

`read_experiment` checks the whole config before any work begins and builds everything that a run
needs exactly once. Below it there are plain objects and arguments only.
"""

from collections.abc import Iterable
from functools import partial

import jax
import optax
from ml_collections import ConfigDict

from samjax.data.canvas import make_canvases
from samjax.data.mixture import (
    TRAINED_ON,
    VALIDATED_ON,
    Folds,
    WeightedSource,
    count_images,
    open_mixture,
)
from samjax.data.transforms import Augment
from samjax.errors import UserError
from samjax.models import SAM
from samjax.models.backend import resolve
from samjax.parallel.mesh import check_heights, local_batch_size, make_mesh
from samjax.training.combinations import backbone_source, teachers_of
from samjax.training.config_check import check_config, check_section
from samjax.training.experiment import (
    Distillation,
    Experiment,
    FeatureCache,
    Loading,
    Plan,
    Reporting,
    Selecting,
    Start,
)
from samjax.training.feature_checks import check_processes
from samjax.training.losses import LossOptions, LossWeights
from samjax.training.map_sizes import map_size
from samjax.training.optimizer import make_optimizer, make_schedule
from samjax.training.plan import build_plan
from samjax.training.rules import DTYPES

IMAGINED_BATCHES = 1000  # in an epoch of data that are not opened


def read_experiment(
    config: ConfigDict, devices: list[jax.Device] | None = None, *, without_data: bool = False
) -> Experiment:
    """Check a config completely, before anything else, and build its experiment.

    Args:
        config: With all fields of `configs/base.py`.
        devices: The devices to train on; None for all of all processes.
        without_data: Whether no dataset is opened: the experiment has the shapes of a run, and its
            plan is of a made-up number of images.

    Raises:
        UserError: A value is not allowed, the values do not fit each other or the devices, or a
            dataset is not prepared. The message names the field and the remedy.
    """
    check_config(config)
    train, data = config.train, config.data
    mesh = make_mesh(train.space, devices)
    model = build_model(config, mesh.devices.flat)
    check_processes(config, jax.process_count())
    canvases = make_canvases(partial(map_size, model), data.input_size, data.buckets)
    for canvas in canvases:
        check_heights(mesh, canvas.input[0], canvas.map[0])
    training = () if without_data else open_part(config, TRAINED_ON)
    images = IMAGINED_BATCHES * train.batch_size if without_data else count_images(training)
    plan = build_plan(config, images)
    return Experiment(
        config=config,
        mesh=mesh,
        model=model,
        canvases=tuple(canvases),
        training=training,
        validation=() if without_data else open_part(config, VALIDATED_ON),
        plan=plan,
        tx=build_optimizer(config, plan),
        loss=build_loss(config),
        augment=Augment(**config.augment.to_dict()),
        loading=Loading(
            batch_size=train.batch_size,
            local_batch_size=local_batch_size(train.batch_size, mesh),
            threads=data.threads,
            workers=data.workers,
            reduced_decoding=data.reduced_decoding,
            cache_mib=data.cache_mib,
        ),
        start=Start(train.start_from, backbone_source(config), train.offline),
        distillation=Distillation(teachers_of(config), config.distill.mix),
        selecting=Selecting(train.monitor, train.patience),
        reporting=Reporting(train.log_every, train.checkpoint_every, train.keep, train.pictures),
        feature_cache=build_feature_cache(config),
        frozen=tuple(part for part, factor in train.factors.items() if factor == 0),
        seed=train.seed,
        ema_decay=train.ema_decay,
        shard_optimizer=train.shard_optimizer,
    )


def build_model(config: ConfigDict, devices: Iterable[jax.Device] | None = None) -> SAM:
    """Return the network of `config.model`, whose fields are SAM's.

    Args:
        config: The whole config.
        devices: Where it will run, which decides its arithmetic; None for JAX's default devices.
    """
    return SAM(**model_fields(config), backend=resolve(devices))


def model_fields(config: ConfigDict) -> dict:
    """Return the arguments of SAM: the fields of `config.model` but where its weights come from.

    A field that a config of an older work folder lacks is left to SAM's default.

    Raises:
        UserError: A field is wrong or unknown.
    """
    fields = config.model.to_dict()
    check_section("model", fields)
    fields.pop("backbone_weights", None)
    return fields | {"dtype": DTYPES[fields.get("dtype", "float32")]}


def open_part(config: ConfigDict, part: int) -> tuple[WeightedSource, ...]:
    """Open what is trained on, or what is validated on.

    With folds, both are parts of the training split: all folds but one, and that one.

    Raises:
        UserError: They cannot be opened. The message begins with the field that names them.
    """
    data, trained_on = config.data, part == TRAINED_ON
    try:
        return open_mixture(
            data.train if trained_on else data.validation,
            data.train_split if trained_on or data.folds else data.validation_split,
            data.data_dir or None,
            folds=Folds(data.folds, data.fold),
            part=part,
            subjects=data.subjects,
        )
    except UserError as error:
        raise UserError(f"data.{'train' if trained_on else 'validation'}: {error}") from error


def build_optimizer(config: ConfigDict, plan: Plan) -> optax.GradientTransformation:
    """Return the optimiser with its schedule, which counts updates, not steps.

    Raises:
        UserError: Two boundaries of the schedule fall on the same update.
    """
    train = config.train
    updates_per_epoch = plan.steps_per_epoch / train.accumulate
    boundaries = tuple(round(epoch * updates_per_epoch) for epoch in train.boundaries)
    if train.schedule == "staircase" and len(set(boundaries)) < len(boundaries):
        raise UserError(
            f"train.boundaries={train.boundaries} are updates {boundaries}, so two are the same; "
            "set them farther apart"
        )
    schedule = make_schedule(
        train.schedule,
        train.learning_rate,
        updates=round(train.epochs * updates_per_epoch),
        warmup=round(train.warmup_epochs * updates_per_epoch),
        boundaries=boundaries,
    )
    return make_optimizer(
        train.optimizer,
        schedule,
        train.weight_decay,
        train.clip_norm,
        train.factors.to_dict(),
        train.accumulate,
        freeze_norms=config.model.norm_statistics == "frozen",
    )


def build_loss(config: ConfigDict) -> LossOptions:
    """Return the loss of a config that was checked."""
    loss = config.loss
    return LossOptions(
        LossWeights(loss.kl, loss.cc, loss.nss, loss.log_likelihood),
        loss.timestep_weights,
        loss.viewing_times_ms,
        loss.collapse_repeats,
        distillation=config.distill.weight,
    )


def build_feature_cache(config: ConfigDict) -> FeatureCache:
    """Return how the features of a frozen backbone are kept, of a config that was checked."""
    train = config.train
    return FeatureCache(train.cache_features, train.cache_dtype, train.cache_gib, train.cache_dir)
