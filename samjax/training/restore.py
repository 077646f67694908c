"""The weights of a trained network: from a work folder, a weight file or a published name."""

from pathlib import Path

import jax

from samjax import weights
from samjax.errors import UserError
from samjax.training.checkpoint import Checkpoints
from samjax.training.config import model_fields
from samjax.training.config_file import load_config
from samjax.weights import Pretrained


def read_weights(source: str | Path, *, offline: bool = False) -> Pretrained:
    """Return the weights of a work folder, a weight file or a published name.

    Raises:
        UserError: There is no such file, folder or name, or it cannot be read.
    """
    if Path(source).is_dir():
        return _of_workdir(Path(source))
    return weights.load(source, offline=offline)


def _of_workdir(workdir: Path) -> Pretrained:
    """Return the weights of the best checkpoint, by the score that training monitored."""
    config = load_config(workdir)
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
        model_fields(config),
        f"{workdir.resolve().name}, step {step}",
        sha256="",
        input_size=config.data.input_size,
        buckets=config.data.get("buckets", ()),  # a run of before there were any
    )
