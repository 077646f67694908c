"""The weights of a trained network: from a work folder, a weight file or a published name."""

from pathlib import Path

import jax

from samjax import weights
from samjax.errors import UserError
from samjax.training import config as experiment
from samjax.training.checkpoint import Checkpoints
from samjax.weights import Pretrained


def read_weights(source: str | Path, *, offline: bool = False) -> Pretrained:
    """The weights of a work folder, a weight file or a published name."""
    if Path(source).is_dir():
        return _of_workdir(Path(source))
    return weights.load(source, offline=offline)


def _of_workdir(workdir: Path) -> Pretrained:
    """The best checkpoint, by the score that training monitored."""
    config = experiment.load_config(workdir)
    checkpoints = Checkpoints(workdir / "checkpoints", config.train.keep)
    step = checkpoints.best_step
    if step is None:
        raise UserError(f"{workdir} has no checkpoint yet; train into it first")
    items = checkpoints.load(("params", "batch_stats", "ema"), step)
    checkpoints.close()
    variables = items["ema"] or {"params": items["params"], "batch_stats": items["batch_stats"]}
    if not variables["batch_stats"]:
        variables = {"params": variables["params"]}
    return Pretrained(
        "sam",
        jax.device_get(variables),
        experiment.model_fields(config) | {"dtype": experiment.dtype(config)},
        f"{workdir.resolve().name}, step {step}",
        sha256="",
        input_size=config.data.input_size,
        buckets=config.data.get("buckets", ()),  # a run of before there were any
    )
