"""A convolution whose kernel gradient is a sum of matrix products, block by block.

    x   [B, H, W, C]      input         g  [B, H, W, F]     gradient of the output
    k   [r, r, C, F]      kernel, r odd, its taps `dilation` apart

XLA's CPU backend computes the gradient of a kernel, the sum over positions p of x[p + tap] g[p], as
a convolution with a window as large as the image, at a fifth of a matrix product's speed. Here the
r shifts along the columns are laid side by side as channels of x, and those along the rows as
channels of g, so that one product [r C, positions] @ [positions, r F] gives all taps at once. It is
taken over blocks of rows that stay in a core's cache.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from samjax.models.cpu.recompute import after

# Positions in a block; measured best from 64 channels at 240 x 320 to 512 channels at 30 x 40.
BLOCK_POSITIONS = 1280


def correlate(
    x: Float[Array, "B H W C"],
    kernel: Float[Array, "r s C F"],
    dilation: int = 1,
    stride: int = 1,
    padding: str | tuple[tuple[int, int], tuple[int, int]] = "SAME",
) -> Float[Array, "B h w F"]:
    """Return the cross-correlation of x with a kernel, which networks call a convolution, by XLA.

    Args:
        x: The input.
        kernel: The kernel.
        dilation: Rows and columns from one tap of the kernel to the next.
        stride: Rows and columns from one output to the next.
        padding: Zeros before and after the rows and the columns; "SAME" adds as few as let
            h = ceil(H / stride) and w = ceil(W / stride), the odd one behind.
    """
    return jax.lax.conv_general_dilated(
        x,
        kernel,
        window_strides=(stride, stride),
        padding=padding,
        rhs_dilation=(dilation, dilation),
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def correlate_in_blocks(
    x: Float[Array, "B H W C"], kernel: Float[Array, "r r C F"], dilation: int
) -> Float[Array, "B H W F"]:
    """Return `correlate(x, kernel, dilation)`; its gradient is that of this module.

    Differentiable in reverse mode only.
    """
    return correlate(x, kernel, dilation)


def _forward(x: Array, kernel: Array, dilation: int) -> tuple[Array, tuple[Array, Array]]:
    return correlate(x, kernel, dilation), (x, kernel)


def _backward(dilation: int, saved: tuple[Array, Array], g: Array) -> tuple[Array, Array]:
    x, kernel = saved
    # Written as a plain convolution, because XLA's CPU backend computes its own transpose of a
    # convolution by naive loops when it stands within a scan.
    transposed = kernel[::-1, ::-1].swapaxes(2, 3)
    x = after(g, x)  # or its padded copy would be made in the forward pass and kept
    return correlate(g, transposed, dilation), kernel_gradient(x, g, len(kernel), dilation)


correlate_in_blocks.defvjp(_forward, _backward)


def kernel_gradient(
    x: Float[Array, "B H W C"], g: Float[Array, "B H W F"], size: int, dilation: int
) -> Float[Array, "{size} {size} C F"]:
    """Return the gradient of a kernel of `size` x `size` taps.

    Args:
        x: The convolution's input.
        g: The gradient of its output.
        size: Rows and columns of the kernel, odd.
        dilation: Rows and columns from one tap to the next.
    """
    batch, height, width, channels = x.shape
    features = g.shape[-1]
    reach = size // 2 * dilation  # of the kernel, to each side
    rows = max(1, min(height, BLOCK_POSITIONS // (batch * width)))  # in a block
    blocks = -(-height // rows)
    missing = blocks * rows - height  # rows that fill the last block; zeros add nothing
    x = jnp.pad(x, ((0, 0), (0, missing), (reach, reach), (0, 0)))
    g = jnp.pad(g, ((0, 0), (reach, reach + missing), (0, 0), (0, 0)))
    taps = [dilation * tap for tap in range(size)]

    def add_block(total: Array, block: Array) -> tuple[Array, None]:
        x_block = jax.lax.dynamic_slice_in_dim(x, block * rows, rows, axis=1)
        g_block = jax.lax.dynamic_slice_in_dim(g, block * rows, rows + 2 * reach, axis=1)
        x_shifts = [x_block[:, :, tap : tap + width] for tap in taps]
        # Shifting g up by a tap is shifting x down by it.
        g_shifts = [g_block[:, tap : tap + rows] for tap in reversed(taps)]
        x_columns = jnp.concatenate(x_shifts, axis=-1).reshape(-1, size * channels)
        g_columns = jnp.concatenate(g_shifts, axis=-1).reshape(-1, size * features)
        return total + x_columns.T @ g_columns, None

    # A scan, so that only one block's columns are in memory at a time.
    zero = jnp.zeros((size * channels, size * features), x.dtype)
    total, _ = jax.lax.scan(add_block, zero, jnp.arange(blocks))
    # [column tap, C, row tap, F] -> [row tap, column tap, C, F]
    return total.reshape(size, channels, size, features).transpose(2, 0, 1, 3)
