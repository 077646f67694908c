"""What every field of a configuration may be: `RULES`, by names such as 'train.batch_size'.

A name is what stands behind `--config.` on the command line. `configs/base.py` has the defaults and
units. Limits that no sensible experiment comes near only keep slips of the keyboard from filling
the memory. `config_check` holds configurations to these rules, and refuses a field without one.
"""

import jax.numpy as jnp

from samjax.data.stored_features import DTYPES as STORED_DTYPES
from samjax.data.transforms import MAX_ROTATION
from samjax.models.backbones import NORM_STATISTICS
from samjax.models.fields import CHOICES, RANGES
from samjax.models.sam import PARTS
from samjax.training.composed_checks import Datasets, Items
from samjax.training.field_checks import (
    Choice,
    FieldCheck,
    Number,
    Switch,
    Text,
    Whole,
)
from samjax.training.metrics import DIRECTION
from samjax.training.optimizer import OPTIMIZERS, SCHEDULES

DTYPES = {"float32": None, "bfloat16": jnp.bfloat16}  # what SAM takes for each name
LARGEST = 1e30  # float32 ends at 3.4e38, and sums need room below it
FRACTION = Number(0, 1)
NOT_NEGATIVE = Number(0, LARGEST)
# A weight of the other sign would train away from where people look.
DISTANCE = Number(0, LARGEST, why="since training makes a distance small")
SIMILARITY = Number(-LARGEST, 0, why="since training makes a similarity large")
# Every backbone has stride 8 as it is dilated; another size would shift the map against the image.
SIZE = Items(Whole(8, 8192, multiple_of=8), 2, 2, example="(240, 320)")
STEPS = Whole(1, 10**12)


def _range(field: str) -> Whole:
    """Return the range of a field of SAM."""
    return Whole(RANGES[field][0], RANGES[field][-1])


MODEL: dict[str, FieldCheck] = {
    "backbone": Choice(CHOICES["backbone"]),
    "norm": Choice(CHOICES["norm"]),
    "backbone_weights": Text("none, imagenet, hed, a published name or the path of a file"),
    "norm_statistics": Choice(NORM_STATISTICS),
    "dilated": Switch(),
    "stride_on": Choice(CHOICES["stride_on"]),
    "features": _range("features"),
    "timesteps": _range("timesteps"),
    "attention_scale": Choice(CHOICES["attention_scale"]),
    "remat": Switch(),
    "unroll": _range("timesteps"),
    "gaussians": _range("gaussians"),
    "priors": Choice(CHOICES["priors"]),
    "dropout": Number(0, 1, below=True),
    "readout": Choice(CHOICES["readout"]),
    "upsampling": _range("upsampling"),
    "alignment": Choice(CHOICES["alignment"]),
    "normalization": Choice(CHOICES["normalization"]),
    "dtype": Choice(tuple(DTYPES)),
}
LOSS: dict[str, FieldCheck] = {
    "kl": DISTANCE,
    "cc": SIMILARITY,
    "nss": SIMILARITY,
    "log_likelihood": SIMILARITY,
    "timestep_weights": Items(NOT_NEGATIVE, 0, 100, example="(0.5, 0.5, 1.0)"),
    "viewing_times_ms": Items(Number(0, 1e9), 0, 100, example="(500.0, 1000.0, 3000.0)"),
    "collapse_repeats": Switch(),
}
DISTILL: dict[str, FieldCheck] = {
    "teacher": Text(
        "a work folder, a published name or the path of a file, several with commas", or_empty=True
    ),
    "weight": DISTANCE,
    "mix": FRACTION,
}
DATA: dict[str, FieldCheck] = {
    "data_dir": Text("a folder or an fsspec address", or_empty=True),
    "train": Datasets(weighted=True),
    "train_split": Text("a split, or a slice such as 'train[:90%]'"),
    "validation": Datasets(weighted=False),
    "validation_split": Text("a split, or a slice such as 'validation[:50%]'"),
    "input_size": SIZE,
    "buckets": Items(SIZE, 0, 16, example="((320, 240),)"),
    "threads": Whole(0, 256),
    "workers": Whole(0, 256),
    "reduced_decoding": Switch(),
    "cache_mib": Number(0, 1e9),
    "folds": Whole(0, 10**6),
    "fold": Whole(0, 10**6),
    "subjects": Items(Whole(0, 2**31 - 1), 0, 10**4, distinct=True, example="(0, 3)"),
}
AUGMENT: dict[str, FieldCheck] = {
    "flip": Switch(),
    "crop": Switch(),
    "rotation": Number(0, MAX_ROTATION),
    "zoom": Items(Number(0.01, 100), 2, 2, not_falling=True, example="(0.8, 1.5)"),
    "brightness": FRACTION,
    "contrast": FRACTION,
    "saturation": FRACTION,
    "grey": FRACTION,
    "views": Whole(0, 10**4),
}
TRAIN: dict[str, FieldCheck] = {
    "seed": Whole(0, 2**32 - 1),
    "start_from": Text("a work folder, a published name or the path of a file", or_empty=True),
    "space": Whole(1, 2**20),
    "shard_optimizer": Switch(),
    "offline": Switch(),
    "batch_size": Whole(1, 2**20),
    "epochs": Number(0, 1e9, above=True),
    "optimizer": Choice(OPTIMIZERS),
    "learning_rate": NOT_NEGATIVE,
    "schedule": Choice(SCHEDULES),
    "warmup_epochs": Number(0, 1e9),
    "boundaries": Items(Number(0, 1e9, above=True), 0, 100, rising=True, example="(3.0, 6.0)"),
    "weight_decay": NOT_NEGATIVE,
    **{f"factors.{part}": NOT_NEGATIVE for part in PARTS},
    "clip_norm": NOT_NEGATIVE,
    "accumulate": Whole(1, 10**6),
    "ema_decay": Number(0, 1, below=True),
    "monitor": Choice(tuple(DIRECTION)),
    "patience": Whole(0, 10**6),
    "evaluate_every": Number(0, 1e9, above=True),
    "log_every": STEPS,
    "checkpoint_every": STEPS,
    "keep": Whole(1, 10**6),
    "pictures": Whole(0, 10**4),
    "max_steps": Whole(1, 10**12, or_none=True),
    "cache_features": Switch(),
    "cache_dtype": Choice(tuple(STORED_DTYPES)),
    "cache_gib": NOT_NEGATIVE,
    "cache_dir": Text("a folder", or_empty=True),
}
SECTIONS = {
    "model": MODEL,
    "loss": LOSS,
    "distill": DISTILL,
    "data": DATA,
    "augment": AUGMENT,
    "train": TRAIN,
}
RULES = {
    f"{section}.{name}": rule for section, rules in SECTIONS.items() for name, rule in rules.items()
}
