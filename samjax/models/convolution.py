"""Convolutions as each backend computes them best: the same numbers, other arithmetic.

A GPU or TPU gets XLA's own. On the CPU backend, in float32, 3x3 convolutions of many channels are
Winograd's products and the others have a kernel gradient in blocks. Both were chosen by measurement
(`experiments.benchmark --only=convolutions`) and are tested against XLA's own.
"""

from typing import Any

import flax.linen as nn
import flax.struct
import jax
import jax.numpy as jnp

from samjax.models.cpu import winograd
from samjax.models.cpu.kernel_gradient import correlate, correlate_in_blocks
from samjax.models.precompute import cached

# Least input times output channels of a 3x3 kernel for which the products outweigh the tiles.
MANY_CHANNELS = 128 * 256
# Fewer channels on either side than this are no matrix product worth its blocks.
MIN_CHANNELS = 16


@flax.struct.dataclass
class Direct:
    """The 'same' convolution by XLA. in_blocks: with the gradient of `kernel_gradient`."""

    kernel: jax.Array  # [k, k, C, F]
    dilation: int = flax.struct.field(pytree_node=False, default=1)
    in_blocks: bool = flax.struct.field(pytree_node=False, default=False)

    def __call__(self, x: jax.Array) -> jax.Array:
        return (correlate_in_blocks if self.in_blocks else correlate)(x, self.kernel, self.dilation)


@flax.struct.dataclass
class Strided:
    """A convolution by XLA with its own `stride` and padding."""

    kernel: jax.Array  # [k, k, C, F]
    stride: int = flax.struct.field(pytree_node=False)
    dilation: int = flax.struct.field(pytree_node=False)
    padding: str | tuple = flax.struct.field(pytree_node=False)

    def __call__(self, x: jax.Array) -> jax.Array:
        return jax.lax.conv_general_dilated(
            x,
            self.kernel,
            window_strides=(self.stride, self.stride),
            padding=self.padding,
            rhs_dilation=(self.dilation, self.dilation),
            dimension_numbers=("NHWC", "HWIO", "NHWC"),
        )


@flax.struct.dataclass
class Winograd:
    """The 'same' convolution by the 16 matrices of its kernel."""

    kernels: winograd.Products
    dilation: int = flax.struct.field(pytree_node=False, default=1)

    def __call__(self, x: jax.Array) -> jax.Array:
        return winograd.convolve(x, self.kernels, self.dilation)


def make_convolution(kernel: jax.Array, dilation: int = 1) -> Direct | Winograd:
    """The 'same' convolution [B, H, W, C] -> [B, H, W, F] with a kernel [k, k, C, F], k odd, ready
    for many inputs of its dtype. On a CPU it is differentiable in reverse mode only."""
    if jax.default_backend() != "cpu" or kernel.dtype != jnp.float32:
        return Direct(kernel, dilation)
    size, channels, features = kernel.shape[1:]
    if size == winograd.TAPS and channels * features >= MANY_CHANNELS:
        return Winograd(winograd.kernels_of(kernel), dilation)
    return Direct(kernel, dilation, in_blocks=min(channels, features) >= MIN_CHANNELS)


class ConvParams(nn.Module):
    """Kernel [k, k, C, F] and bias [1, 1, 1, F] of a convolution, in `dtype`."""

    shape: tuple[int, int, int, int]
    kernel_init: nn.initializers.Initializer
    dtype: Any = None
    use_bias: bool = True

    @nn.compact
    def __call__(self) -> tuple[jax.Array, jax.Array | None]:
        kernel = self.param("kernel", self.kernel_init, self.shape)
        if not self.use_bias:
            return nn.dtypes.promote_dtype(kernel, None, dtype=self.dtype)
        bias = self.param("bias", nn.initializers.zeros, self.shape[-1:])
        return nn.dtypes.promote_dtype(kernel, bias.reshape(1, 1, 1, -1), dtype=self.dtype)


class Conv(nn.Module):
    """A convolution [B, H, W, C] -> [B, ceil(H / stride), ceil(W / stride), features].

    The parameters are those of `nn.Conv`. size: of the kernel, odd; dilation: of its taps.
    centred: pad a strided one as if its stride were 1; else as little as covers the input, the odd
      row and column behind it.
    dtype: of input and products; the parameters are float32.
    """

    features: int
    size: int
    stride: int = 1
    dilation: int = 1
    centred: bool = False
    use_bias: bool = True
    kernel_init: nn.initializers.Initializer = nn.initializers.lecun_normal()
    dtype: Any = None

    @nn.compact
    def __call__(self, x: jax.Array) -> jax.Array:
        (x,) = nn.dtypes.promote_dtype(x, dtype=self.dtype)
        shape = (self.size, self.size, x.shape[-1], self.features)
        convolution, bias = cached(self, "weights", lambda: self._weights(shape, x.dtype))
        if self.size == 1:  # a stride leaves pixels out
            x = x[:, :: self.stride, :: self.stride]
        y = convolution(x)
        return y if bias is None else y + bias

    def _weights(self, shape: tuple[int, ...], dtype):
        kernel = self.param("kernel", self.kernel_init, shape).astype(dtype)
        bias = self.param("bias", nn.initializers.zeros, shape[-1:]) if self.use_bias else None
        if bias is not None:
            bias = bias.astype(dtype).reshape(1, 1, 1, -1)
        if self.stride == 1 or self.size == 1:
            return make_convolution(kernel, self.dilation), bias
        reach = self.size // 2 * self.dilation
        padding = ((reach, reach),) * 2 if self.centred else "SAME"
        return Strided(kernel, self.stride, self.dilation, padding), bias
