"""From a config to the objects of an experiment, and the config on disk.

ConfigDicts end here: what is built takes plain arguments.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import jax.numpy as jnp
import optax
from ml_collections import ConfigDict

from samjax.data.canvas import Canvas
from samjax.data.selection import Selection, fold
from samjax.data.sources import Source, open_dataset
from samjax.data.transforms import Augment
from samjax.errors import UserError
from samjax.files.atomic import write_atomic
from samjax.models import SAM
from samjax.models.backend import resolve
from samjax.models.sam import map_size
from samjax.training import losses
from samjax.training.optimizer import make_optimizer, make_schedule

CONFIG = "config.json"
DTYPES = {"float32": None, "bfloat16": jnp.bfloat16}


class Plan(NamedTuple):
    """How long an experiment is, in steps."""

    steps: int
    per_epoch: int
    evaluate_every: int


def build_model(config: ConfigDict) -> SAM:
    """The network of `config.model`; its fields are SAM's."""
    return SAM(**model_fields(config) | {"dtype": dtype(config), "backend": resolve()})


def dtype(config: ConfigDict):
    """Of activations and products; None stands for float32."""
    name = config.model.dtype
    if name not in DTYPES:
        raise UserError(f"model.dtype {name!r} is unknown; use {' or '.join(DTYPES)}")
    return DTYPES[name]


def model_fields(config: ConfigDict) -> dict:
    """The fields of `config.model` that are SAM's: all but where its weights come from."""
    return {k: v for k, v in config.model.to_dict().items() if k != "backbone_weights"}


def build_loss_weights(config: ConfigDict) -> losses.LossWeights:
    c = config.loss
    return losses.LossWeights(c.kl, c.cc, c.nss, c.log_likelihood)


def build_timestep_weights(config: ConfigDict) -> tuple[float, ...]:
    """Weight of each timestep's loss; () where the last one's alone counts."""
    weights, durations = tuple(config.loss.timesteps), tuple(config.loss.durations)
    steps = max(config.model.timesteps, 1)
    for name, values in (("timesteps", weights), ("durations", durations)):
        if values and len(values) != steps:
            raise UserError(
                f"loss.{name} {values} has {len(values)} values for {steps} timesteps; "
                "give one each"
            )
    if durations and not weights:
        one_each = ",".join("1" * steps)
        raise UserError(
            "loss.durations gives each timestep its own target, so each needs a weight; set "
            f"--config.loss.timesteps='({one_each},)'"
        )
    if weights and not any(weights):
        raise UserError(f"loss.timesteps {weights} are all zero; give one timestep a weight")
    return weights


def parse_mixture(text: str) -> dict[str, float]:
    """'osie:1,scene:.5' -> {'osie': 1.0, 'scene': 0.5}; a name without a weight has weight 1."""
    mixture = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, weight = item.partition(":")
        try:
            mixture[name] = float(weight or 1)
        except ValueError:
            raise UserError(f"weight {weight!r} of dataset {name!r} is no number") from None
    if not mixture:
        raise UserError("no dataset is named; set --config.data.train=NAME")
    return mixture


def canvases_of(
    sam: SAM, input_size: tuple[int, int], buckets: Sequence[tuple[int, int]] = ()
) -> list[Canvas]:
    """The frames of a network's inputs."""
    sizes = dict.fromkeys(tuple(size) for size in (input_size, *buckets))
    return [Canvas(size, map_size(sam, size)) for size in sizes]


def build_canvases(config: ConfigDict, model: SAM) -> list[Canvas]:
    """The frames that images are trained on and validated in."""
    return canvases_of(model, config.data.input_size, config.data.buckets)


def build_sources(names: str, split: str, data_dir: str) -> dict[str, tuple[Source, float]]:
    """{name: (source, weight)} of a mixture."""
    return {
        name: (Source(open_dataset(name, data_dir or None), split), weight)
        for name, weight in parse_mixture(names).items()
    }


def training_sources(config: ConfigDict) -> dict[str, tuple[Selection, float]]:
    """What is trained on: of each dataset all of its split, or all but a fold."""
    c = config.data
    sources = build_sources(c.train, c.train_split, c.data_dir)
    return {name: (_selected(source, c, 0), weight) for name, (source, weight) in sources.items()}


def validation_sources(config: ConfigDict) -> dict[str, tuple[Selection, float]]:
    """What is validated on: the validation split, or with folds that fold of the training split."""
    c = config.data
    split = c.train_split if c.folds else c.validation_split
    sources = build_sources(c.validation, split, c.data_dir)
    return {name: (_selected(source, c, 1), weight) for name, (source, weight) in sources.items()}


def _selected(source: Source, c: ConfigDict, part: int) -> Selection:
    """part: 0 to train on, 1 to validate on."""
    indices = fold(len(source), c.folds, c.fold)[part] if c.folds else None
    return Selection(source, indices, c.subjects)


def build_plan(config: ConfigDict, examples: int) -> Plan:
    c = config.train
    per_epoch = max(1, examples // c.batch_size)
    steps = max(1, round(c.epochs * per_epoch))
    if c.max_steps:
        steps = min(steps, c.max_steps)
    return Plan(steps, per_epoch, max(1, round(c.evaluate_every * per_epoch)))


def build_optimizer(config: ConfigDict, plan: Plan) -> optax.GradientTransformation:
    c = config.train
    updates_per_epoch = plan.per_epoch / c.accumulate
    schedule = make_schedule(
        c.schedule,
        c.learning_rate,
        updates=round(c.epochs * updates_per_epoch),
        warmup=round(c.warmup_epochs * updates_per_epoch),
        boundaries=tuple(round(epoch * updates_per_epoch) for epoch in c.boundaries),
    )
    return make_optimizer(
        c.optimizer,
        schedule,
        c.weight_decay,
        c.clip_norm,
        c.factors.to_dict(),
        c.accumulate,
        freeze_norms=config.model.norm_statistics == "frozen",
    )


def build_augment(config: ConfigDict) -> Augment:
    """The random changes of `config.augment`; its fields are Augment's."""
    return Augment(**config.augment.to_dict())


def save_config(config: ConfigDict, workdir: Path) -> None:
    """Writes the resolved config."""
    write_atomic(workdir / CONFIG, json.dumps(config.to_dict(), indent=2) + "\n")


def load_config(workdir: Path) -> ConfigDict:
    path = Path(workdir) / CONFIG
    if not path.is_file():
        raise UserError(f"{workdir} is no work folder: it has no {CONFIG}; train into it first")
    return ConfigDict(_with_tuples(json.loads(path.read_text()))).lock()


def _with_tuples(value):
    """JSON knows no tuples; no field of a config is a list."""
    if isinstance(value, dict):
        return {name: _with_tuples(v) for name, v in value.items()}
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value


def differences(left: ConfigDict, right: ConfigDict) -> list[str]:
    """'field is A, not B' for each field in which B, the left one, differs from A."""
    return [
        f"{field} is {right.get(field)!r}, not {left.get(field)!r}"
        for field in sorted({*left, *right})
        if left.get(field) != right.get(field)
    ]
