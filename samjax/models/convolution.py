"""Convolutions: y[p] = b + the sum over taps k of x[p + k] K[k], as networks define them.

    x       [B, H, W, C]      input
    K       [k, k, C, F]      kernel; its taps may be `dilation` apart
    b       [F]               bias
    output  [B, h, w, F]      h = ceil(H / stride), w = ceil(W / stride)

How they are computed depends on the backend. "xla" takes XLA's own convolution. "cpu" takes what
`samjax.models.cpu` finds faster: the same numbers up to rounding, by other arithmetic.
"""

from collections.abc import Callable
from typing import Any

import flax.linen as nn
import flax.struct
import jax.numpy as jnp
from jaxtyping import Array, Float

from samjax.models.backend import XLA, is_cpu
from samjax.models.cpu.convolution import make_cpu_convolution
from samjax.models.cpu.kernel_gradient import correlate
from samjax.models.precompute import cached

Convolution = Callable[[Array], Array]  # [B, H, W, C] -> [B, h, w, F], without a bias


@flax.struct.dataclass
class Direct:
    """A convolution by XLA; see `correlate` for the fields."""

    kernel: Float[Array, "k k C F"]
    dilation: int = flax.struct.field(pytree_node=False, default=1)
    stride: int = flax.struct.field(pytree_node=False, default=1)
    padding: str | tuple = flax.struct.field(pytree_node=False, default="SAME")

    def __call__(self, x: Float[Array, "B H W C"]) -> Float[Array, "B h w F"]:
        """Return the convolution of x."""
        return correlate(x, self.kernel, self.dilation, self.stride, self.padding)


def make_convolution(
    kernel: Float[Array, "k k C F"], dilation: int = 1, backend: str = XLA
) -> Convolution:
    """Return the "same" convolution with a kernel, k odd, for inputs of its dtype.

    Args:
        kernel: The kernel.
        dilation: Rows and columns from one tap to the next.
        backend: See `samjax.models.backend`.

    Returns:
        A function [B, H, W, C] -> [B, H, W, F] that is a pytree. That of the backend "cpu" is
        differentiable in reverse mode only.
    """
    convolution = make_cpu_convolution(kernel, dilation) if is_cpu(backend) else None
    return Direct(kernel, dilation) if convolution is None else convolution


class Kernel(nn.Module):
    """The kernel of a convolution without a bias, and without the convolution itself.

    Attributes:
        shape: (k, k, C, F).
        kernel_init: Draws the kernel.
        dtype: Of what is returned; None keeps the parameter's float32.
    """

    shape: tuple[int, int, int, int]
    kernel_init: nn.initializers.Initializer
    dtype: Any = None

    @nn.compact
    def __call__(self) -> Float[Array, "k k C F"]:
        """Return the kernel."""
        (kernel,) = nn.dtypes.promote_dtype(
            self.param("kernel", self.kernel_init, self.shape), dtype=self.dtype
        )
        return kernel


class ConvParams(nn.Module):
    """The kernel and the bias of a convolution, without the convolution itself.

    Attributes:
        shape: Of the kernel, (k, k, C, F).
        kernel_init: Draws the kernel; the bias starts at zero.
        dtype: Of what is returned; None keeps the parameters' float32.
    """

    shape: tuple[int, int, int, int]
    kernel_init: nn.initializers.Initializer
    dtype: Any = None

    @nn.compact
    def __call__(self) -> tuple[Float[Array, "k k C F"], Float[Array, "1 1 1 F"]]:
        """Return the kernel and the bias."""
        kernel = self.param("kernel", self.kernel_init, self.shape)
        bias = self.param("bias", nn.initializers.zeros, self.shape[-1:])
        kernel, bias = nn.dtypes.promote_dtype(kernel, bias, dtype=self.dtype)
        return kernel, bias.reshape(1, 1, 1, -1)


class Conv(nn.Module):
    """A convolution with the parameters of `nn.Conv`.

    Attributes:
        features: Channels of the output.
        size: Rows and columns of the kernel, odd.
        stride: Rows and columns from one output to the next.
        dilation: Rows and columns from one tap of the kernel to the next.
        centred: Pad a strided convolution as if its stride were 1. Otherwise it is padded by as
            little as covers the input, the odd row and column behind it.
        use_bias: Whether there is a bias.
        kernel_init: Draws the kernel; the bias starts at zero.
        dtype: Of input and products; the parameters are float32.
        backend: See `samjax.models.backend`.
    """

    features: int
    size: int
    stride: int = 1
    dilation: int = 1
    centred: bool = False
    use_bias: bool = True
    kernel_init: nn.initializers.Initializer = nn.initializers.lecun_normal()
    dtype: Any = None
    backend: str = XLA

    @nn.compact
    def __call__(self, x: Float[Array, "B H W C"]) -> Float[Array, "B h w F"]:
        """Return the convolution of x, with its bias."""
        (x,) = nn.dtypes.promote_dtype(x, dtype=self.dtype)
        shape = (self.size, self.size, x.shape[-1], self.features)
        convolution, bias = cached(self, "convolution", lambda: self._make(shape, x.dtype))
        if self.size == 1:
            # A strided 1x1 convolution is a plain one of fewer pixels.
            x = x[:, :: self.stride, :: self.stride]
        y = convolution(x)
        return y if bias is None else y + bias

    def _make(
        self, shape: tuple[int, int, int, int], dtype: jnp.dtype
    ) -> tuple[Convolution, Float[Array, "1 1 1 F"] | None]:
        """Return the convolution and the bias, both for inputs of `dtype`."""
        kernel = self.param("kernel", self.kernel_init, shape).astype(dtype)
        bias = None
        if self.use_bias:
            bias = self.param("bias", nn.initializers.zeros, shape[-1:])
            bias = bias.astype(dtype).reshape(1, 1, 1, -1)
        # The CPU's ways have no stride; a 1x1 kernel has had its pixels picked before.
        if self.stride == 1 or self.size == 1:
            return make_convolution(kernel, self.dilation, self.backend), bias
        reach = self.size // 2 * self.dilation
        padding = ((reach, reach), (reach, reach)) if self.centred else "SAME"
        return Direct(kernel, self.dilation, self.stride, padding), bias
