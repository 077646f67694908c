"""A training of SAM-VGG at full size on real fixations, within the time, and its scores."""

import json
from pathlib import Path
from typing import Any

from experiments.bench.cells import Cells
from experiments.bench.plan import Plan
from samjax.console.log import log
from samjax.errors import UserError

# On an H100: start and compiling; an epoch of 1,333 images and its share of the validations.
START_SECONDS, EPOCH_SECONDS = 100, 5
FEWEST_EPOCHS = 4


def measure(plan: Plan) -> Cells:
    """Yield the validation scores of each dataset after the last epoch, and the training's speed.

    Raises:
        UserError: There is no folder of prepared data, or too little time.
    """
    from configs import demo, sam_vgg_real
    from samjax.parallel.stop_signals import Stopped
    from samjax.training.loop import train

    config = demo.get_config() if plan.quick else sam_vgg_real.get_config()
    if not plan.data_dir:
        raise UserError("a training needs --data-dir, the folder of the prepared datasets")
    config.data.data_dir = plan.data_dir
    # From the fixations alone: teachers would have to be trained before.
    config.distill.update(teacher="", mix=0.0)
    config.train.epochs = min(config.train.epochs, epochs_that_fit(plan.seconds_left))
    workdir = Path(plan.output) / "training"
    log(f"  {config.train.epochs:g} epochs into {workdir}")
    try:
        train(config, workdir, restart=True)
    except Stopped as stopped:
        log(f"  stopped at step {stopped.step}")
    for kind, row in last_rows(workdir / "metrics.jsonl").items():
        yield kind, {"epochs": config.train.epochs} | row


def epochs_that_fit(seconds: float) -> float:
    """Return how many epochs a GPU trains in so many seconds.

    Raises:
        UserError: They are too few to be worth a training.
    """
    epochs = (seconds - START_SECONDS) // EPOCH_SECONDS
    if epochs < FEWEST_EPOCHS:
        needed = START_SECONDS + FEWEST_EPOCHS * EPOCH_SECONDS
        raise UserError(f"a training needs {needed} s, {max(0, int(seconds))} s are left")
    return float(epochs)


def last_rows(path: Path) -> dict[str, dict[str, Any]]:
    """Return the last row of each kind ("train", or a dataset's name) in a training's metrics."""
    rows = map(json.loads, path.read_text("utf-8").splitlines()) if path.is_file() else ()
    return {row.pop("kind"): row for row in rows}
