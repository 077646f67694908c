"""The "same" cross-correlation and its gradients, tap by tap in float64 NumPy."""

import numpy as np


def convolution_and_gradients(x, kernel, g, dilation):
    """Return y [B, H, W, F], and the gradients of sum(g y) with respect to x and to the kernel.

    Args:
        x: [B, H, W, C].
        kernel: [r, r, C, F], r odd, its taps `dilation` apart.
        g: [B, H, W, F].
        dilation: Rows and columns from one tap to the next.
    """
    height, width = x.shape[1:3]
    size = len(kernel)
    reach = size // 2 * dilation
    pad = ((0, 0), (reach, reach), (reach, reach), (0, 0))
    padded, y = np.pad(x, pad), np.zeros_like(g)
    padded_gradient, kernel_gradient = np.zeros_like(padded), np.zeros_like(kernel)
    for row in range(size):
        for column in range(size):
            window = np.s_[
                :, row * dilation : row * dilation + height,
                column * dilation : column * dilation + width,
            ]  # fmt: skip
            y += padded[window] @ kernel[row, column]
            padded_gradient[window] += g @ kernel[row, column].T
            kernel_gradient[row, column] = np.einsum("bhwc,bhwf->cf", padded[window], g)
    inside = np.s_[:, reach : reach + height, reach : reach + width]
    return y, padded_gradient[inside], kernel_gradient
