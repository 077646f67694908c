"""Learned priors: Gaussians over the image that carry the center bias (Cornia et al. 2018, III-C).

    g_k(x, y) = exp(-((x - mu_x)^2 / (2 sigma_x^2 + e) + (y - mu_y)^2 / (2 sigma_y^2 + e)))

divided by its maximum over the grid, e = 1e-7. x runs over 0..1 from the first column to the last,
y over a range as long as H / W around 1/2, so a unit is the image's width in both directions.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np

from samjax.models.convolution import make_convolution
from samjax.models.precompute import cached

BLOCKS = ("prior_block1", "prior_block2")  # in SAM's parameters
EPSILON = 1e-7
# Rows: mu_x, mu_y, sigma_x, sigma_y; in units of the image's width.
LOWER = np.array([0.25, 0.35, 0.1, 0.2], np.float32)[:, None]
UPPER = np.array([0.75, 0.65, 0.9, 0.8], np.float32)[:, None]
INITIAL = ((0.3, 0.7), (0.3, 0.7), (0.05, 0.3), (0.05, 0.3))


def initial_gaussians(key, shape) -> jax.Array:
    """[4, N] means uniform in .3...7 and sigmas in .05...3, as the release draws them."""
    keys = jax.random.split(key, 4)
    rows = [
        jax.random.uniform(k, shape[1:], minval=lo, maxval=hi)
        for k, (lo, hi) in zip(keys, INITIAL, strict=True)
    ]
    return jnp.stack(rows)


def initial_logits(key, shape) -> jax.Array:
    """[4, N] logits of the release's initial values, moved inside the ranges where outside."""
    span = UPPER - LOWER
    inside = jnp.clip((initial_gaussians(key, shape) - LOWER) / span, 0.05, 0.95)
    return jnp.log(inside) - jnp.log1p(-inside)


def clip(values: jax.Array) -> jax.Array:
    """[4, N] values in their ranges; the gradient is 1 within and at the limits, 0 outside."""
    inside = (values >= LOWER) & (values <= UPPER)
    return jnp.where(inside, values, jax.lax.stop_gradient(jnp.clip(values, LOWER, UPPER)))


def gaussian_maps(gaussians: jax.Array, height: int, width: int) -> jax.Array:
    """Maps [height, width, N] with maximum 1 of Gaussians [4, N] (mu_x, mu_y, sigma_x, sigma_y)."""
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


def gaussians_of(params) -> jax.Array:
    """The Gaussians [4, N] that the parameters of `LearnedPriors` stand for, in their ranges."""
    if "logits" in params:
        return LOWER + (UPPER - LOWER) * nn.sigmoid(params["logits"])
    return clip(params["gaussians"])


def gaussians(params) -> list[np.ndarray]:
    """The Gaussians [4, N] of each block in SAM's parameters; none for a SAM without priors."""
    return [
        np.asarray(gaussians_of(params[block]["priors"]))
        for block in BLOCKS
        if "priors" in params[block]
    ]


class LearnedPriors(nn.Module):
    """`count` Gaussians [4, count], see `gaussian_maps`; without a parameter for count 0.

    parameterization: "clip" as in the release, where a parameter outside its range gets no
      gradient ever again; or "sigmoid", which maps the real line into the same ranges.
    """

    count: int
    parameterization: str = "clip"

    @nn.compact
    def __call__(self) -> jax.Array:
        shape = (4, self.count)
        if self.count == 0:
            return jnp.zeros(shape, jnp.float32)
        if self.parameterization == "clip":
            params = {"gaussians": self.param("gaussians", initial_gaussians, shape)}
        else:
            params = {"logits": self.param("logits", initial_logits, shape)}
        return gaussians_of(params)


class PriorBlock(nn.Module):
    """Learned priors beside the features, mixed by a 5x5 convolution of dilation 4 with ReLU.

    [B, H, W, C] -> [B, H, W, features], and the priors [H, W, N]. The priors are the same for
    every image, so their share of the convolution is computed once for the whole batch, and for a
    prepared network once for all.
    """

    features: int
    gaussians: int
    parameterization: str = "clip"
    dtype: jnp.dtype | None = None

    @nn.compact
    def __call__(self, x: jax.Array) -> tuple[jax.Array, jax.Array]:
        (x,) = nn.dtypes.promote_dtype(x, dtype=self.dtype)
        convolution, of_priors, bias, gaussians = cached(self, "weights", lambda: self._weights(x))

        def fixed():
            maps = gaussian_maps(gaussians, *x.shape[1:3])
            if not self.gaussians:
                return bias, maps
            return of_priors(maps[None].astype(x.dtype)) + bias, maps

        # Their name holds the grid, because they serve no other.
        shared, priors = cached(self, f"priors_{x.shape[1]}x{x.shape[2]}", fixed)
        return nn.relu(convolution(x) + shared), priors

    def _weights(self, x: jax.Array):
        """(convolution of the features, that of the priors, bias, the Gaussians)."""
        channels = x.shape[-1]
        gaussians = LearnedPriors(self.gaussians, self.parameterization, name="priors")()
        init = nn.initializers.glorot_uniform()
        kernel = self.param("kernel", init, (5, 5, channels + self.gaussians, self.features))
        bias = self.param("bias", nn.initializers.zeros, (self.features,))
        kernel, bias = (p.astype(x.dtype) for p in (kernel, bias.reshape(1, 1, 1, -1)))
        parts = (kernel[:, :, :channels], kernel[:, :, channels:])
        return *(make_convolution(part, dilation=4) for part in parts), bias, gaussians
