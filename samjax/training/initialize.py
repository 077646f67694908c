"""Where training starts: random values, then a whole network, then a backbone's weights."""

import jax
import jax.numpy as jnp
from ml_collections import ConfigDict

from samjax.errors import UserError
from samjax.models import SAM
from samjax.training.restore import read_weights
from samjax.training.state import TrainState
from samjax.weights import merge_pretrained


def start_from(state: TrainState, config: ConfigDict, model: SAM) -> TrainState:
    """A new state with the weights that the config names in place of its random ones."""
    sources = [config.train.start_from, backbone_source(config)]
    variables = {"params": state.params, "batch_stats": state.batch_stats}
    for source in filter(None, sources):
        weights = read_weights(source, offline=config.train.offline)
        if source == sources[1] and weights.kind == "sam":
            raise UserError(
                f"{source} holds a whole network; set --config.train.start_from={source} instead"
            )
        variables = merge_pretrained(variables, weights, model)
    return state.replace(
        params=variables["params"],
        batch_stats=variables["batch_stats"],
        # A copy: the step gives both up, and a buffer cannot be given up twice.
        ema=jax.tree.map(jnp.copy, variables) if state.ema else {},
    )


def backbone_source(config: ConfigDict) -> str:
    """The name or path of the backbone's weights, "" for none."""
    name = config.model.backbone_weights
    if name == "none":
        return ""
    return f"imagenet-{config.model.backbone}" if name == "imagenet" else name
