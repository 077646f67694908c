"""Where training starts: random values, then a whole network, then a backbone's weights."""

import os
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp

from samjax.errors import UserError
from samjax.files.address import is_address
from samjax.models import SAM
from samjax.training.experiment import Start
from samjax.training.restore import read_weights
from samjax.training.state import TrainState
from samjax.weights import PUBLISHED, merge_pretrained


def check_start(start: Start) -> None:
    """Check that the files that training starts from are there, before the network is compiled.

    Raises:
        UserError: What looks like a path is none, and no published name.
    """
    for source in filter(None, (start.network, start.backbone)):
        is_path = "/" in source or os.sep in source or Path(source).suffix
        if is_address(source):
            continue  # what it holds is seen when it is read
        if is_path and source not in PUBLISHED and not os.path.exists(source):
            raise UserError(
                f"{source} to start from is no file, no work folder and none of the names "
                f"{', '.join(PUBLISHED)}"
            )


def start_from(state: TrainState, start: Start, model: SAM) -> TrainState:
    """Return a new state with pretrained weights in place of its random ones.

    Raises:
        UserError: Weights cannot be had, do not fit the model, or a whole network is given where a
            backbone is asked for.
    """
    variables = {"params": state.params, "batch_stats": state.batch_stats}
    if start.network:
        weights = read_weights(start.network, offline=start.offline)
        variables = merge_pretrained(variables, weights, model)
    if start.backbone:
        weights = read_weights(start.backbone, offline=start.offline)
        if weights.kind == "sam":
            raise UserError(
                f"{start.backbone} holds a whole network; "
                f"set --config.train.start_from={start.backbone} instead"
            )
        variables = merge_pretrained(variables, weights, model)
    # A network without batch norm has no statistics, and merging leaves an empty tree out.
    variables = {"params": variables["params"], "batch_stats": variables.get("batch_stats", {})}
    return replace(
        state,
        params=variables["params"],
        batch_stats=variables["batch_stats"],
        # A copy: the step gives both up, and a buffer cannot be given up twice.
        ema=jax.tree.map(jnp.copy, variables) if state.ema else {},
    )
