"""What SAM gives for a batch of images; a module of its own, that needs JAX but not Flax."""

from dataclasses import dataclass

import jax
from jaxtyping import Array, Float

TIMESTEPS = range(101)
"""How often the attentive ConvLSTM may look; 0: there is none."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class SAMOutput:
    """What the model predicts for each image. The maps are those of the last timestep."""

    saliency: Float[Array, "B H W"]  # float32 >= 0
    log_density: Float[Array, "B H W"]  # float32, natural logarithm
    attention: Float[Array, "B T h w"]  # float32, sums to 1 at each timestep
    priors: tuple[Float[Array, "h w N"], Float[Array, "h w N"]]  # of both blocks, with maximum 1
    # The following only where all timesteps are asked for. S is T, or 1 where T is 0.
    hidden: Float[Array, "B S h w F"] | None = None
    timestep_saliency: Float[Array, "B S H W"] | None = None
    timestep_log_density: Float[Array, "B S H W"] | None = None
