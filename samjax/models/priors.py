"""Learned priors: Gaussians over the image that carry the center bias (Cornia et al. 2018, III-C).

    g_k(x, y) = exp(-((x - mu_x)^2 / (2 sigma_x^2 + e) + (y - mu_y)^2 / (2 sigma_y^2 + e)))

divided by its maximum over the grid, e = 1e-7. x runs over 0..1 from the first column to the last,
y over a range as long as H / W around 1/2, so a unit is the image's width in both directions.

    gaussians  [4, N]           mu_x, mu_y, sigma_x, sigma_y of N Gaussians
    priors     [H, W, N]        their maps, with maximum 1
    x          [B, H, W, C]     features
    output     [B, H, W, F]     relu(K * [x, priors] + b), K of 5x5 taps and dilation 4
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from samjax.errors import check_name
from samjax.models.backend import XLA
from samjax.models.convolution import Convolution, make_convolution
from samjax.models.precompute import cached

PARAMETERIZATIONS = ("clip", "sigmoid")
BLOCKS = ("prior_block1", "prior_block2")  # the names of the blocks in SAM's parameters
# The release's.
EPSILON = 1e-7
# The range of each row: mu_x, mu_y, sigma_x, sigma_y; in units of the image's width.
LOWER = np.array([0.25, 0.35, 0.1, 0.2], np.float32)[:, None]
UPPER = np.array([0.75, 0.65, 0.9, 0.8], np.float32)[:, None]
# The range from which the release draws each row.
INITIAL = ((0.3, 0.7), (0.3, 0.7), (0.05, 0.3), (0.05, 0.3))


def initial_gaussians(key: Array, shape: tuple[int, int]) -> Float[Array, "4 N"]:
    """Return means drawn evenly from .3 to .7 and sigmas from .05 to .3, as the release does.

    Args:
        key: Of the random numbers.
        shape: (4, N).
    """
    rows = []
    for row_key, (low, high) in zip(jax.random.split(key, 4), INITIAL, strict=True):
        rows.append(jax.random.uniform(row_key, shape[1:], minval=low, maxval=high))
    return jnp.stack(rows)


def initial_logits(key: Array, shape: tuple[int, int]) -> Float[Array, "4 N"]:
    """Return logits of the release's initial values, moved into the ranges where outside."""
    fraction = (initial_gaussians(key, shape) - LOWER) / (UPPER - LOWER)
    # Some of the release's values lie outside their range. The logit of 0 or 1 is infinite, and
    # one near them has next to no gradient.
    inside = jnp.clip(fraction, 0.05, 0.95)
    return jnp.log(inside) - jnp.log1p(-inside)


def clip(values: Float[Array, "4 N"]) -> Float[Array, "4 N"]:
    """Return the values in their ranges; the gradient is 1 within and at the limits, 0 outside."""
    # `jnp.clip` has another gradient at the limits (1/2), where the release's has 1.
    inside = (values >= LOWER) & (values <= UPPER)
    return jnp.where(inside, values, jax.lax.stop_gradient(jnp.clip(values, LOWER, UPPER)))


def gaussian_maps(
    gaussians: Float[Array, "4 N"], height: int, width: int
) -> Float[Array, "{height} {width} N"]:
    """Return the Gaussians on a grid, each over its maximum on that grid."""
    if gaussians.shape[1] == 0:
        return jnp.zeros((height, width, 0), jnp.float32)
    aspect = height / width
    x = np.linspace(0, 1, width, dtype=np.float32).reshape(1, width, 1)
    y = np.linspace((1 - aspect) / 2, (1 + aspect) / 2, height, dtype=np.float32)
    y = y.reshape(height, 1, 1)
    mu_x, mu_y, sigma_x, sigma_y = gaussians[:, None, None, :]
    exponent = (x - mu_x) ** 2 / (2 * sigma_x**2 + EPSILON)
    exponent += (y - mu_y) ** 2 / (2 * sigma_y**2 + EPSILON)
    exponent = exponent.reshape(height * width, -1)
    # Dividing by the maximum is subtracting the least exponent, and cannot underflow. It is picked
    # by its index: the gradient of a minimum compares values, which a compiler that recomputes
    # them with another rounding turns into 0 / 0.
    least = jnp.argmin(jax.lax.stop_gradient(exponent), axis=0, keepdims=True)
    maps = jnp.exp(jnp.take_along_axis(exponent, least, axis=0) - exponent)
    return maps.reshape(height, width, -1)


def gaussians_of(params: Mapping[str, Array]) -> Float[Array, "4 N"]:
    """Return the Gaussians, in their ranges, that parameters of `LearnedPriors` stand for."""
    if "logits" in params:
        return nn.sigmoid(params["logits"]) * (UPPER - LOWER) + LOWER
    return clip(params["gaussians"])


def gaussians(params: Mapping[str, Any]) -> list[Float[np.ndarray, "4 N"]]:
    """Return the Gaussians of each block in SAM's parameters; none for a SAM without priors."""
    return [
        np.asarray(gaussians_of(jax.tree.map(jnp.asarray, params[block]["priors"])))
        for block in BLOCKS
        if "priors" in params[block]
    ]


class LearnedPriors(nn.Module):
    """The Gaussians as parameters, see `gaussian_maps`.

    Attributes:
        count: Number N of Gaussians; 0 has no parameter.
        parameterization: "clip" as in the release, where a parameter outside its range gets no
            gradient ever again; or "sigmoid", which maps the real line into the same ranges.
    """

    count: int
    parameterization: str = "clip"

    @nn.compact
    def __call__(self) -> Float[Array, "4 N"]:
        """Return the Gaussians, in their ranges."""
        check_name("priors", self.parameterization, PARAMETERIZATIONS)
        shape = (4, self.count)
        if self.count == 0:
            return jnp.zeros(shape, jnp.float32)
        if self.parameterization == "clip":
            params = {"gaussians": self.param("gaussians", initial_gaussians, shape)}
        else:
            params = {"logits": self.param("logits", initial_logits, shape)}
        return gaussians_of(params)


class PriorBlockParams(NamedTuple):
    """The parameters of a `PriorBlock`, ready to be applied."""

    feature_convolution: Convolution  # with the kernel's part for the features
    prior_convolution: Convolution  # with its part for the priors
    bias: Float[Array, "1 1 1 F"]
    gaussians: Float[Array, "4 N"]


class PriorBlock(nn.Module):
    """Learned priors beside the features, mixed by a 5x5 convolution of dilation 4 with ReLU.

    The priors are the same for every image, so their part of the convolution is computed once for
    the whole batch, and for a network with precomputed values once for all.

    Attributes:
        features: Channels of the output.
        gaussians: Number of priors.
        parameterization: See `LearnedPriors`.
        dtype: Of activations and products; None is float32.
        backend: See `samjax.models.backend`.
    """

    features: int
    gaussians: int
    parameterization: str = "clip"
    dtype: Any = None
    backend: str = XLA

    @nn.compact
    def __call__(
        self, x: Float[Array, "B H W C"]
    ) -> tuple[Float[Array, "B H W F"], Float[Array, "H W N"]]:
        """Return the mixed features and the priors' maps."""
        # Before anything is cached, because the cached kernels take the dtype of x.
        (x,) = nn.dtypes.promote_dtype(x, dtype=self.dtype)
        params = cached(self, "params", lambda: self._make(x.shape[-1], x.dtype))
        height, width = x.shape[1:3]

        def make() -> tuple[Array, Array]:
            maps = gaussian_maps(params.gaussians, height, width)
            if not self.gaussians:
                return params.bias, maps
            return params.prior_convolution(maps[None].astype(x.dtype)) + params.bias, maps

        # The name holds the grid, because the value serves no other.
        prior_term, priors = cached(self, f"priors_{height}x{width}", make)
        return nn.relu(params.feature_convolution(x) + prior_term), priors

    def _make(self, channels: int, dtype: jnp.dtype) -> PriorBlockParams:
        """Return the parameters for features of so many channels and of `dtype`."""
        gaussians = LearnedPriors(self.gaussians, self.parameterization, name="priors")()
        init = nn.initializers.glorot_uniform()
        # One parameter for both parts, as in the release's files; the features come first.
        kernel = self.param("kernel", init, (5, 5, channels + self.gaussians, self.features))
        bias = self.param("bias", nn.initializers.zeros, (self.features,))
        kernel, bias = kernel.astype(dtype), bias.reshape(1, 1, 1, -1).astype(dtype)
        return PriorBlockParams(
            make_convolution(kernel[:, :, :channels], dilation=4, backend=self.backend),
            make_convolution(kernel[:, :, channels:], dilation=4, backend=self.backend),
            bias,
            gaussians,
        )
