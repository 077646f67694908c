"""From a config to an experiment: the one place where a ConfigDict is read.

`read_experiment` checks the whole config before any work begins and builds everything that a run
needs exactly once. Below it there are plain objects and arguments only.
"""

from collections.abc import Iterable
from functools import partial

import jax
import jax.numpy as jnp
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
from samjax.models.sam import map_size
from samjax.parallel.mesh import check_heights, local_batch_size, make_mesh
from samjax.training.experiment import (
    Distillation,
    Experiment,
    Loading,
    Plan,
    Reporting,
    Selecting,
    Start,
)
from samjax.training.losses import LossOptions, LossWeights
from samjax.training.optimizer import make_optimizer, make_schedule

DTYPES = {"float32": None, "bfloat16": jnp.bfloat16}
# Whether a larger value of a score that training can monitor is better.
DIRECTION = {"loss": -1, "KL": -1, "CC": 1, "NSS": 1, "LL": 1}


def read_experiment(config: ConfigDict, devices: list[jax.Device] | None = None) -> Experiment:
    """Check a config completely and build its experiment.

    Args:
        config: With all fields of `configs/base.py`.
        devices: The devices to train on; None for all of all processes.

    Raises:
        UserError: A value is not allowed, the values do not fit each other or the devices, or a
            dataset is not prepared. The message names the field and the remedy.
    """
    train, data = config.train, config.data
    mesh = make_mesh(train.space, devices)
    model = build_model(config, mesh.devices.flat)
    canvases = make_canvases(partial(map_size, model), data.input_size, data.buckets)
    for canvas in canvases:
        check_heights(mesh, canvas.input[0], canvas.map[0])
    training = open_part(config, TRAINED_ON)
    plan = build_plan(config, count_images(training))
    return Experiment(
        config=config,
        mesh=mesh,
        model=model,
        canvases=tuple(canvases),
        training=training,
        validation=open_part(config, VALIDATED_ON),
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
        distillation=Distillation(config.distill.teacher, config.distill.mix),
        selecting=_selecting(config),
        reporting=Reporting(train.log_every, train.checkpoint_every, train.keep, train.pictures),
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
    """Return the arguments of SAM: the fields of `config.model` but where its weights come from."""
    fields = config.model.to_dict()
    del fields["backbone_weights"]
    if fields["dtype"] not in DTYPES:
        raise UserError(f"model.dtype {fields['dtype']!r} is unknown; use {' or '.join(DTYPES)}")
    return fields | {"dtype": DTYPES[fields["dtype"]]}


def open_part(config: ConfigDict, part: int) -> tuple[WeightedSource, ...]:
    """Open what is trained on, or what is validated on.

    With folds, both are parts of the training split: all folds but one, and that one.
    """
    data, trained_on = config.data, part == TRAINED_ON
    return open_mixture(
        data.train if trained_on else data.validation,
        data.train_split if trained_on or data.folds else data.validation_split,
        data.data_dir or None,
        folds=Folds(data.folds, data.fold),
        part=part,
        subjects=data.subjects,
    )


def build_plan(config: ConfigDict, images: int) -> Plan:
    """Return the plan of training on so many images."""
    train = config.train
    per_epoch = max(1, images // train.batch_size)
    steps = max(1, round(train.epochs * per_epoch))
    if train.max_steps:
        steps = min(steps, train.max_steps)
    return Plan(steps, per_epoch, max(1, round(train.evaluate_every * per_epoch)))


def build_optimizer(config: ConfigDict, plan: Plan) -> optax.GradientTransformation:
    """Return the optimiser with its schedule, which counts updates, not steps."""
    train = config.train
    updates_per_epoch = plan.steps_per_epoch / train.accumulate
    schedule = make_schedule(
        train.schedule,
        train.learning_rate,
        updates=round(train.epochs * updates_per_epoch),
        warmup=round(train.warmup_epochs * updates_per_epoch),
        boundaries=tuple(round(epoch * updates_per_epoch) for epoch in train.boundaries),
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
    """Return the loss; UserError if its values do not fit the number of timesteps."""
    loss = config.loss
    timesteps = max(config.model.timesteps, 1)
    weights, times = tuple(loss.timestep_weights), tuple(loss.viewing_times_ms)
    for name, values in (("timestep_weights", weights), ("viewing_times_ms", times)):
        if values and len(values) != timesteps:
            raise UserError(
                f"loss.{name} {values} has {len(values)} values for {timesteps} timesteps; "
                "give one each"
            )
    if times and not weights:
        one_each = ",".join("1" * timesteps)
        raise UserError(
            "loss.viewing_times_ms gives each timestep its own target, so each needs a weight; "
            f"set --config.loss.timestep_weights='({one_each},)'"
        )
    if weights and not any(weights):
        raise UserError(f"loss.timestep_weights {weights} are all zero; give one timestep a weight")
    terms = LossWeights(loss.kl, loss.cc, loss.nss, loss.log_likelihood)
    return LossOptions(
        terms, weights, times, loss.collapse_repeats, distillation=config.distill.weight
    )


def backbone_source(config: ConfigDict) -> str:
    """Return the name or path of the backbone's weights, "" for random values."""
    name = config.model.backbone_weights
    if name == "none":
        return ""
    return f"imagenet-{config.model.backbone}" if name == "imagenet" else name


def _selecting(config: ConfigDict) -> Selecting:
    monitor = config.train.monitor
    if monitor not in DIRECTION:
        raise UserError(f"train.monitor {monitor!r} is unknown; use {', '.join(DIRECTION)}")
    return Selecting(monitor, config.train.patience)
