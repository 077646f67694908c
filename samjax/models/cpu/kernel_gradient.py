"""A convolution whose kernel gradient is a sum of matrix products, block by block.

    x   [B, H, W, C]      input         g  [B, H, W, F]     gradient of the output
    k   [r, r, C, F]      kernel, r odd, taps `dilation` apart

XLA's CPU backend computes the gradient of a kernel, sum over p of x[p + tap] g[p], as a convolution
with a window as large as the image, at a fifth of a matrix product's speed. Here the r shifts along
the rows are laid side by side as channels of x, and those along the columns as channels of g, so
one product [r C, pixels] @ [pixels, r F] gives all taps; blocks of pixels stay in a core's cache.
"""

from functools import partial

import jax
import jax.numpy as jnp

BLOCK = 1280  # pixels; measured best from 64 channels at 240 x 320 to 512 at 30 x 40


def correlate(x: jax.Array, kernel: jax.Array, dilation: int) -> jax.Array:
    """The 'same' cross-correlation of [B, H, W, C] with [r, r, C, F]."""
    return jax.lax.conv_general_dilated(
        x,
        kernel,
        window_strides=(1, 1),
        padding="SAME",
        rhs_dilation=(dilation, dilation),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def correlate_in_blocks(x: jax.Array, kernel: jax.Array, dilation: int) -> jax.Array:
    """`correlate`, with the gradient of this file. Differentiable in reverse mode only."""
    return correlate(x, kernel, dilation)


def _forward(x, kernel, dilation):
    return correlate(x, kernel, dilation), (x, kernel)


def _backward(dilation, saved, g):
    x, kernel = saved
    # As a plain convolution; XLA's own transpose is computed by naive loops within a scan.
    transposed = kernel[::-1, ::-1].swapaxes(2, 3)
    return correlate(g, transposed, dilation), kernel_gradient(x, g, len(kernel), dilation)


correlate_in_blocks.defvjp(_forward, _backward)


def kernel_gradient(x: jax.Array, g: jax.Array, size: int, dilation: int) -> jax.Array:
    """The gradient [r, r, C, F] of the kernel, r = `size`."""
    batch, height, width, channels = x.shape
    features, reach = g.shape[-1], size // 2 * dilation
    rows = max(1, min(height, BLOCK // (batch * width)))
    blocks = -(-height // rows)
    below = blocks * rows - height
    x = jnp.pad(x, ((0, 0), (0, below), (reach, reach), (0, 0)))
    g = jnp.pad(g, ((0, 0), (reach, reach + below), (0, 0), (0, 0)))

    def add_block(total, block):
        x_b = jax.lax.dynamic_slice_in_dim(x, block * rows, rows, axis=1)
        g_b = jax.lax.dynamic_slice_in_dim(g, block * rows, rows + 2 * reach, axis=1)
        taps = [dilation * tap for tap in range(size)]
        x_b = jnp.concatenate([x_b[:, :, s : s + width] for s in taps], axis=-1)
        g_b = jnp.concatenate([g_b[:, r : r + rows] for r in reversed(taps)], axis=-1)
        product = x_b.reshape(-1, size * channels).T @ g_b.reshape(-1, size * features)
        return total + product, None

    zero = jnp.zeros((size * channels, size * features), x.dtype)
    total, _ = jax.lax.scan(add_block, zero, jnp.arange(blocks))
    return total.reshape(size, channels, size, features).transpose(2, 0, 1, 3)
