"""The length of a run in optimiser steps, from its epochs and the number of its images."""

from ml_collections import ConfigDict

from samjax.errors import UserError
from samjax.training.experiment import Plan


def build_plan(config: ConfigDict, images: int) -> Plan:
    """Return the plan of training on so many images.

    An epoch is as many whole batches as the images fill, or the part of a batch that they fill if
    there are fewer.

    Raises:
        UserError: The training is not one step long, or not one update.
    """
    train = config.train
    whole_batches = images // train.batch_size
    per_epoch = whole_batches or images / train.batch_size
    steps = round(train.epochs * per_epoch)
    if steps < train.accumulate:
        what = "step" if train.accumulate == 1 else f"update of train.accumulate={train.accumulate}"
        raise UserError(
            f"train.epochs={train.epochs:g} over {images} images in batches of train.batch_size="
            f"{train.batch_size} is less than one {what}; set more --config.train.epochs"
        )
    evaluate_every = max(1, round(train.evaluate_every * per_epoch))
    return Plan(min(steps, train.max_steps or steps), per_epoch, evaluate_every)
