"""What SAM gives for a batch of images; a module of its own, that needs JAX but not Flax."""

from dataclasses import dataclass

import jax

TIMESTEPS = range(101)
"""How often the attentive ConvLSTM may look; 0: there is none."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class SAMOutput:
    """What the model predicts for each image. The maps are those of the last timestep."""

    # The shapes stand beside the types: importing jaxtyping would slow every start of a prediction.
    saliency: jax.Array  # [B, H, W], float32 >= 0
    log_density: jax.Array  # [B, H, W], float32, natural logarithm
    attention: jax.Array  # [B, T, h, w], float32, sums to 1 at each timestep
    priors: tuple[jax.Array, jax.Array]  # of both blocks, each [h, w, N] with maximum 1
    # The following only where all timesteps are asked for. S is T, or 1 where T is 0.
    hidden: jax.Array | None = None  # [B, S, h, w, F]
    timestep_saliency: jax.Array | None = None  # [B, S, H, W]
    timestep_log_density: jax.Array | None = None  # [B, S, H, W]
