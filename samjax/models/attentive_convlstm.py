"""The attentive ConvLSTM: looks at the same features again and again (Cornia et al. 2018, III-A).

    x    [B, H, W, C]       features, the SAME at every step
    h    [B, H, W, F]       hidden state, h_0 = 0
    c    [B, H, W, F]       memory, c_0 = 0, float32
    e    [B, H, W, 1]       attention's energy
    a    [B, H, W, 1]       attention, softmax over all positions, float32
    out  [B, T, H, W, F]    every step's h; the last one is the module's result

With * a 3x3 convolution, . an elementwise product and s the logistic function, step t is

    e = V_a * tanh(W_a * h + U_a * x + b_a)      a = softmax(e)      x~ = a . x
    [i, f, o, g] = W * x~ + U * h + b            (one bias with W, one with U)
    c' = s(f) . c + s(i) . tanh(g)               h' = s(o) . tanh(c')

W acts on h and U on x in the attention, and the other way round in the gates, as in the release.
W_i, W_f, W_o and W_c of the paper are the four quarters of W; U likewise.

Three identities, all exact, spare a third of the network's arithmetic:
  * U_a * x does not depend on the step: computed once.
  * h_0 = 0: a convolution of it is its bias; the first step has none.
  * a is one number per position, so W * (a . x) is linear in a: at a position p,
    (W * (a . x))[p] = sum over taps k of a[p + k] Q_k[p] with Q_k[p] = W_k^T x[p + k].
    The nine maps Q are computed once, and a step sums nine scaled maps.
"""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp

from samjax.models.convolution import Conv, ConvParams, Direct, Winograd, make_convolution
from samjax.models.precompute import cached

NORMAL = nn.initializers.normal(0.05)


class Inputs(NamedTuple):
    """What every step needs of x: x enters a step in no other way."""

    attention: jax.Array  # U_a * x + b_a, [B, H, W, F]
    taps: tuple[jax.Array, ...]  # Q, nine maps [B, H, W, 4F], one per tap of W
    bias: jax.Array  # b of W, [1, 1, 1, 4F]


class CellParams(NamedTuple):
    """The weights of a step, the same in all of them."""

    of_hidden: Direct | Winograd  # W_a and U side by side: h to F + 4F channels
    bias: jax.Array  # [1, 1, 1, 5F]
    energy: Direct | Winograd  # V_a


class TimestepOutput(NamedTuple):
    """What a step shows."""

    hidden: jax.Array  # [B, H, W, F]
    attention: jax.Array  # [B, H, W], sums to 1


def shifts(x: jax.Array) -> list[jax.Array]:
    """The nine maps x[p + k] of [B, H, W, C], k the taps of a 3x3 window by rows; 0 outside."""
    height, width = x.shape[1:3]
    padded = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return [padded[:, r : r + height, s : s + width] for r in range(3) for s in range(3)]


def orthogonal_gates(key, shape, dtype=jnp.float32) -> jax.Array:
    """Kernel [3, 3, F, 4F] of U: a quarter per gate, each orthogonal with gain 1.1."""
    quarter = (*shape[:-1], shape[-1] // 4)
    init = nn.initializers.orthogonal(1.1)
    return jnp.concatenate([init(k, quarter, dtype) for k in jax.random.split(key, 4)], axis=-1)


class AttentiveConvLSTMCell(nn.Module):
    """A single step of the attentive ConvLSTM: all that acts on h.

    `__call__` takes the carry (h, c) and gives (carry, Step), as `nn.scan` wants it;
    `first` is the same for h = c = 0, without a convolution of h. `weights` gives what both need.

    attention_scale: "sum", attention sums to 1 as in the release, so x~ is about x / (H W); or
      "mean", it is multiplied by H W, so that even attention leaves x as it is.
    """

    features: int
    attention_scale: str = "sum"
    dtype: Any = None

    def setup(self):
        shape = (3, 3, self.features)
        self.W_a = ConvParams((*shape, self.features), NORMAL, self.dtype)
        self.U = ConvParams((*shape, 4 * self.features), orthogonal_gates, self.dtype)
        # In float32, like the softmax that it feeds.
        self.V_a = ConvParams((*shape, 1), nn.initializers.zeros, jnp.float32, use_bias=False)

    def weights(self) -> CellParams:
        def make():
            kernels, biases = zip(self.W_a(), self.U(), strict=True)
            return CellParams(
                make_convolution(jnp.concatenate(kernels, axis=-1)),
                jnp.concatenate(biases, axis=-1),
                make_convolution(self.V_a()[0]),
            )

        return cached(self, "weights", make)

    def __call__(self, carry, inputs: Inputs, weights: CellParams):
        h, c = carry
        return self._advance(weights.of_hidden(h) + weights.bias, c, inputs, weights)

    def first(self, inputs: Inputs, weights: CellParams):
        return self._advance(weights.bias, jnp.zeros((), jnp.float32), inputs, weights)

    def _advance(self, of_h: jax.Array, c: jax.Array, inputs: Inputs, weights: CellParams):
        attention_of_h, gates_of_h = jnp.split(of_h, [self.features], axis=-1)
        seen = jnp.tanh(attention_of_h + inputs.attention).astype(jnp.float32)
        a = nn.softmax(weights.energy(seen), axis=(1, 2))
        gates = (self._attended(a, inputs.taps) + inputs.bias + gates_of_h).astype(jnp.float32)
        i, f, o, g = jnp.split(gates, 4, axis=-1)
        c = nn.sigmoid(f) * c + nn.sigmoid(i) * jnp.tanh(g)
        h = (nn.sigmoid(o) * jnp.tanh(c)).astype(inputs.attention.dtype)
        return (h, c), TimestepOutput(hidden=h, attention=a[..., 0])

    def _attended(self, a: jax.Array, taps: tuple[jax.Array, ...]) -> jax.Array:
        """W * (a . x) without its bias, [B, H, W, 4F]."""
        if self.attention_scale == "mean":
            a = a * (a.shape[1] * a.shape[2])
        shifted = shifts(a.astype(taps[0].dtype))
        # As products, so that the gradient of a_k is a product too: XLA's CPU backend takes ten
        # times as long for the sum over channels of an elementwise one.
        products = [
            jnp.einsum("bhwi,bhwf->bhwf", a_k, q_k) for a_k, q_k in zip(shifted, taps, strict=True)
        ]
        return sum(products)


class AttentiveConvLSTM(nn.Module):
    """`timesteps` steps of one cell, scanned: [B, H, W, C] -> TimestepOutput of [B, T, ...] arrays.

    remat: recompute a step's activations in the backward pass instead of storing them.
    unroll: steps per iteration of the scan; 0 unrolls all of them on the CPU backend, where a
      loop's backward pass is slower, in bfloat16 by far, and none elsewhere.
    """

    features: int
    timesteps: int
    attention_scale: str = "sum"
    remat: bool = False
    unroll: int = 0
    dtype: Any = None

    @nn.compact
    def __call__(self, x: jax.Array) -> TimestepOutput:
        inputs = self._inputs(x)
        cell = AttentiveConvLSTMCell(
            self.features, self.attention_scale, dtype=self.dtype, name="cell"
        )
        weights = cell.weights()
        carry, first = cell.first(inputs, weights)
        first = jax.tree.map(lambda y: y[:, None], first)
        if self.timesteps == 1:
            return first

        def body(cell, carry, inputs, weights):
            return cell(carry, inputs, weights)

        scan = nn.scan(
            nn.remat(body, prevent_cse=False) if self.remat else body,
            variable_broadcast="params",
            split_rngs={"params": False},
            in_axes=nn.broadcast,
            out_axes=1,
            length=self.timesteps - 1,
            unroll=self._unroll(),
        )
        _, rest = scan(cell, carry, inputs, weights)
        return jax.tree.map(lambda a, b: jnp.concatenate([a, b], axis=1), first, rest)

    def _unroll(self) -> int:
        if self.unroll:
            return min(self.unroll, self.timesteps - 1)
        return self.timesteps - 1 if jax.default_backend() == "cpu" else 1

    def _inputs(self, x: jax.Array) -> Inputs:
        """U_a * x and the nine maps Q of W, once for all steps."""
        gates = 4 * self.features
        attention = Conv(self.features, 3, kernel_init=NORMAL, dtype=self.dtype, name="U_a")(x)

        def make():
            kernel = self.param("W_kernel", NORMAL, (3, 3, x.shape[-1], gates))
            bias = self.param("W_bias", nn.initializers.zeros, (gates,))
            kernel, bias = nn.dtypes.promote_dtype(kernel, bias, dtype=self.dtype)
            # Split, not indexed: the gradient of an index is padded to the whole kernel.
            parts = jnp.split(kernel.reshape(-1, gates), 9)
            return tuple(parts), bias.reshape(1, 1, 1, gates)

        kernel, bias = cached(self, "W", make)
        rows = [x_k.reshape(-1, x.shape[-1]) for x_k in shifts(x.astype(bias.dtype))]
        taps = [x_k @ w_k for x_k, w_k in zip(rows, kernel, strict=True)]
        taps = tuple(q_k.reshape(*x.shape[:3], gates) for q_k in taps)
        return Inputs(attention, taps, bias)
