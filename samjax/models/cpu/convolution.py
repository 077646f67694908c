"""How a CPU computes a convolution best.

3x3 and 5x5 convolutions of many channels are computed with Winograd's products, those with a 1x1
kernel as a product of matrices, and others have a kernel gradient that is computed in blocks.
Anything else is best left to XLA.
"""

import flax.struct
from jaxtyping import Array, Float

from samjax.models.cpu import winograd
from samjax.models.cpu.kernel_gradient import correlate_in_blocks
from samjax.models.cpu.product import product

# Input times output channels of a kernel from which on the saved products outweigh the work of
# cutting the input into tiles, by the size of the kernel.
MIN_WINOGRAD_PRODUCTS = {3: 128 * 256, 5: 128 * 128}
# With fewer channels on either side, the blocks are too narrow to be fast matrix products.
MIN_BLOCK_CHANNELS = 16


@flax.struct.dataclass
class Winograd:
    """The "same" convolution by Winograd's products."""

    kernel: Float[Array, "k k C F"]
    dilation: int = flax.struct.field(pytree_node=False, default=1)

    def __call__(self, x: Float[Array, "B H W C"]) -> Float[Array, "B H W F"]:
        """Return the convolution of x."""
        return winograd.convolve(x, self.kernel, self.dilation)

    def prepared(self) -> "PreparedWinograd":
        """Return the same convolution for many inputs, with the kernel's matrices made."""
        return PreparedWinograd(winograd.transform_kernel(self.kernel), self.dilation)


@flax.struct.dataclass
class PreparedWinograd:
    """The "same" convolution by the matrices of its kernel."""

    matrices: winograd.Matrices
    dilation: int = flax.struct.field(pytree_node=False, default=1)

    def __call__(self, x: Float[Array, "B H W C"]) -> Float[Array, "B H W F"]:
        """Return the convolution of x."""
        return winograd.convolve_with_matrices(x, self.matrices, self.dilation)


@flax.struct.dataclass
class Pointwise:
    """The convolution by a 1x1 kernel: one product of matrices, over the positions."""

    kernel: Float[Array, "1 1 C F"]

    def __call__(self, x: Float[Array, "B H W C"]) -> Float[Array, "B H W F"]:
        """Return the convolution of x."""
        y = product(x.reshape(-1, x.shape[-1]), self.kernel[0, 0])
        return y.reshape(*x.shape[:3], -1).astype(x.dtype)


@flax.struct.dataclass
class BlockGradient:
    """The "same" convolution by XLA, with a kernel gradient that is computed in blocks."""

    kernel: Float[Array, "k k C F"]
    dilation: int = flax.struct.field(pytree_node=False, default=1)

    def __call__(self, x: Float[Array, "B H W C"]) -> Float[Array, "B H W F"]:
        """Return the convolution of x."""
        return correlate_in_blocks(x, self.kernel, self.dilation)


def make_cpu_convolution(
    kernel: Float[Array, "k k C F"], dilation: int = 1
) -> Winograd | Pointwise | BlockGradient | None:
    """Return the "same" convolution with a kernel, k odd, as a CPU computes it best.

    Returns:
        A function [B, H, W, C] -> [B, H, W, F] that is differentiable in reverse mode only, or None
        where XLA's own convolution is as good.
    """
    size, _, channels, features = kernel.shape
    fewest = MIN_WINOGRAD_PRODUCTS.get(size)
    if fewest is not None and channels * features >= fewest:
        return Winograd(kernel, dilation)
    if min(channels, features) < MIN_BLOCK_CHANNELS:
        return None
    return Pointwise(kernel) if size == 1 else BlockGradient(kernel, dilation)
