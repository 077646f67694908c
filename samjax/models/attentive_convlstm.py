"""The attentive ConvLSTM: looks at the same features again and again (Cornia et al. 2018, III-A).

    x    [B, H, W, C]       features, the SAME at every timestep
    h    [B, H, W, F]       hidden state, h_0 = 0
    c    [B, H, W, F]       memory, c_0 = 0, float32
    e    [B, H, W, 1]       attention's energy
    a    [B, H, W, 1]       attention, softmax over all positions, float32
    out  [B, T, H, W, F]    every timestep's h; the last one is the module's result

With * a 3x3 convolution, . an elementwise product and s the logistic function, a timestep is

    e = V_a * tanh(W_a * h + U_a * x + b_a)      a = softmax(e)      x~ = a . x
    [i, f, o, g] = W * x~ + U * h + b            (one bias with W, one with U)
    c' = s(f) . c + s(i) . tanh(g)               h' = s(o) . tanh(c')

W acts on h and U on x in the attention, and the other way round in the gates, as in the release.
W_i, W_f, W_o and W_c of the paper are the four quarters of W; U likewise.

Three identities, all exact, spare a third of the network's arithmetic:
  * U_a * x does not depend on the timestep: it is computed once.
  * h_0 = 0: a convolution of it is its bias; the first timestep has none.
  * a is one number per position, so W * (a . x) is linear in a: at a position p,
    (W * (a . x))[p] = sum over taps k of a[p + k] Q_k[p] with Q_k[p] = W_k^T x[p + k].
    The nine maps Q are computed once, and a timestep sums nine scaled maps.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from samjax.models.attentive_cell import (
    NORMAL,
    AttentiveConvLSTMCell,
    Carry,
    CellParams,
    FeatureTerms,
    TimestepOutput,
    shift_by_taps,
)
from samjax.models.backend import XLA, is_cpu
from samjax.models.convolution import Conv
from samjax.models.cpu.product import product
from samjax.models.cpu.recompute import recomputed
from samjax.models.precompute import cached

TAPS = 9  # of a 3x3 kernel


class Timesteps(NamedTuple):
    """The results of all timesteps."""

    hidden: Float[Array, "B T H W F"]
    attention: Float[Array, "B T H W"]  # float32, sums to 1 over the positions
    # Once more by itself: the gradient of an index of `hidden` is zeros for all other timesteps.
    last: Float[Array, "B H W F"]


class AttentiveConvLSTM(nn.Module):
    """The cell, scanned over `timesteps` timesteps of the same features.

    Attributes:
        features: Channels F of the states.
        timesteps: How often the cell looks at the features, at least once.
        attention_scale: See `AttentiveConvLSTMCell`.
        remat: Recompute a timestep's activations in the backward pass instead of storing them.
        unroll: Timesteps per iteration of the scan. 0 unrolls all of them on the backend "cpu",
            where a loop's backward pass is slower, in bfloat16 by far, and none on "xla".
        dtype: Of activations and products; None is float32.
        backend: See `samjax.models.backend`.
    """

    features: int
    timesteps: int
    attention_scale: str = "sum"
    remat: bool = False
    unroll: int = 0
    dtype: Any = None
    backend: str = XLA

    @nn.compact
    def __call__(self, x: Float[Array, "B H W C"]) -> Timesteps:
        """Return the hidden states and the attention of all timesteps."""
        terms = self._feature_terms(x)
        cell = AttentiveConvLSTMCell(
            self.features, self.attention_scale, self.dtype, self.backend, name="cell"
        )
        params = cell.params()
        # Outside of the scan, whose timesteps all have a convolution of h; see the second identity.
        carry, first = cell.first(terms, params)
        steps = jax.tree.map(lambda y: y[:, None], first)
        if self.timesteps > 1:
            carry, others = self._scan()(cell, carry, terms, params)
            steps = jax.tree.map(lambda a, b: jnp.concatenate([a, b], axis=1), steps, others)
        return Timesteps(steps.hidden, steps.attention, last=carry[0])

    def _scan(self) -> Callable[..., tuple[Carry, TimestepOutput]]:
        """Return the cell's timesteps after the first one as a function of it and its arguments."""

        def body(
            cell: AttentiveConvLSTMCell, carry: Carry, terms: FeatureTerms, params: CellParams
        ) -> tuple[Carry, TimestepOutput]:
            return cell(carry, terms, params)

        return nn.scan(
            # A scan already keeps XLA from merging the recomputation with the first one.
            nn.remat(body, prevent_cse=False) if self.remat else body,
            # All timesteps have the same parameters and the same features; only the carry changes.
            variable_broadcast="params",
            split_rngs={"params": False},
            in_axes=nn.broadcast,
            out_axes=1,
            length=self.timesteps - 1,
            unroll=self._timesteps_per_iteration(),
        )

    def _timesteps_per_iteration(self) -> int:
        scanned = self.timesteps - 1
        if self.unroll:
            return min(self.unroll, scanned)
        return scanned if is_cpu(self.backend) else 1

    def _feature_terms(self, x: Array) -> FeatureTerms:
        """Return U_a * x and the nine maps Q of W, once for all timesteps."""
        gates = 4 * self.features
        attention = Conv(
            self.features,
            3,
            kernel_init=NORMAL,
            dtype=self.dtype,
            backend=self.backend,
            name="U_a",
        )(x)

        def make() -> tuple[tuple[Array, ...], Array]:
            kernel = self.param("W_kernel", NORMAL, (3, 3, x.shape[-1], gates))
            bias = self.param("W_bias", nn.initializers.zeros, (gates,))
            kernel, bias = nn.dtypes.promote_dtype(kernel, bias, dtype=self.dtype)
            # Split, not indexed: the gradient of an index is padded to the whole kernel.
            matrices = jnp.split(kernel.reshape(-1, gates), TAPS)
            return tuple(matrices), bias.reshape(1, 1, 1, gates)

        matrices, bias = cached(self, "W", make)
        return FeatureTerms(attention, self._tap_products(x.astype(bias.dtype), matrices), bias)

    def _tap_products(self, x: Array, matrices: tuple[Array, ...]) -> tuple[Array, ...]:
        """Return the nine maps Q_k[p] = W_k^T x[p + k], [B, H, W, 4F]."""

        def multiply(tap: int, x: Array, matrix: Array) -> Array:
            """Return one of them, as a product of matrices [B H W, C] and [C, 4F]."""
            rows = shift_by_taps(x)[tap].reshape(-1, x.shape[-1])
            result = product(rows, matrix) if is_cpu(self.backend) else rows @ matrix
            return result.astype(matrix.dtype).reshape(*x.shape[:3], -1)

        # On a CPU the gradient shifts x anew; nine shifted copies would wait for it.
        wrap = recomputed if is_cpu(self.backend) else lambda function: function
        return tuple(wrap(partial(multiply, k))(x, matrix) for k, matrix in enumerate(matrices))
