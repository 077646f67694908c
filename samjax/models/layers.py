"""Building blocks that more than one part of the model uses."""

import jax


def conv2d(x: jax.Array, kernel: jax.Array, dilation: int = 1) -> jax.Array:
    """The 'same' cross-correlation of [B, H, W, C] with a kernel [k, k, C, F], k odd."""
    return jax.lax.conv_general_dilated(
        x,
        kernel,
        window_strides=(1, 1),
        padding="SAME",
        rhs_dilation=(dilation, dilation),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
