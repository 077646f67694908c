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

NORMAL = nn.initializers.normal(0.05)


class Inputs(NamedTuple):
    """What every step needs of x: x enters a step in no other way."""

    attention: jax.Array  # U_a * x + b_a, [B, H, W, F]
    taps: tuple[jax.Array, ...]  # Q, nine maps [B, H, W, 4F], one per tap of W
    bias: jax.Array  # b of W, [1, 1, 1, 4F]


class Step(NamedTuple):
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
    `first` is the same for h = c = 0, without a convolution of h.

    attention_scale: "sum", attention sums to 1 as in the release, so x~ is about x / (H W); or
      "mean", it is multiplied by H W, so that even attention leaves x as it is.
    """

    features: int
    attention_scale: str = "sum"
    dtype: Any = None

    def setup(self):
        self.W_a = nn.Conv(self.features, (3, 3), kernel_init=NORMAL, dtype=self.dtype)
        self.V_a = nn.Conv(
            1, (3, 3), use_bias=False, kernel_init=nn.initializers.zeros, dtype=self.dtype
        )
        self.U = nn.Conv(4 * self.features, (3, 3), kernel_init=orthogonal_gates, dtype=self.dtype)

    def __call__(self, carry, inputs: Inputs):
        h, c = carry
        return self._advance(self.W_a(h), self.U(h), c, inputs)

    def first(self, inputs: Inputs):
        zero = jnp.zeros((1, 1, 1, self.features), inputs.attention.dtype)
        return self._advance(self.W_a(zero), self.U(zero), jnp.zeros((), jnp.float32), inputs)

    def _advance(self, attention_of_h, gates_of_h, c, inputs: Inputs):
        energy = self.V_a(jnp.tanh(attention_of_h + inputs.attention))
        a = nn.softmax(energy.astype(jnp.float32), axis=(1, 2))
        gates = (self._attended(a, inputs.taps) + inputs.bias + gates_of_h).astype(jnp.float32)
        i, f, o, g = jnp.split(gates, 4, axis=-1)
        c = nn.sigmoid(f) * c + nn.sigmoid(i) * jnp.tanh(g)
        h = (nn.sigmoid(o) * jnp.tanh(c)).astype(inputs.attention.dtype)
        return (h, c), Step(hidden=h, attention=a[..., 0])

    def _attended(self, a: jax.Array, taps: tuple[jax.Array, ...]) -> jax.Array:
        """W * (a . x) without its bias, [B, H, W, 4F]."""
        if self.attention_scale == "mean":
            a = a * (a.shape[1] * a.shape[2])
        shifted = shifts(a.astype(taps[0].dtype))
        return sum(a_k * q_k for a_k, q_k in zip(shifted, taps, strict=True))


class AttentiveConvLSTM(nn.Module):
    """`timesteps` steps of one cell, scanned: [B, H, W, C] -> Step of [B, T, ...] arrays.

    remat: recompute a step's activations in the backward pass instead of storing them.
    unroll: steps per iteration of the scan; 0 unrolls all of them on the CPU backend, whose
      convolutions are slow inside a loop's backward pass, and none elsewhere.
    """

    features: int
    timesteps: int
    attention_scale: str = "sum"
    remat: bool = False
    unroll: int = 0
    dtype: Any = None

    @nn.compact
    def __call__(self, x: jax.Array) -> Step:
        inputs = self._inputs(x)
        cell = AttentiveConvLSTMCell(
            self.features, self.attention_scale, dtype=self.dtype, name="cell"
        )
        carry, first = cell.first(inputs)
        first = jax.tree.map(lambda y: y[:, None], first)
        if self.timesteps == 1:
            return first

        def body(cell, carry, inputs):
            return cell(carry, inputs)

        scan = nn.scan(
            nn.remat(body, prevent_cse=False) if self.remat else body,
            variable_broadcast="params",
            split_rngs={"params": False},
            in_axes=nn.broadcast,
            out_axes=1,
            length=self.timesteps - 1,
            unroll=self._unroll(),
        )
        _, rest = scan(cell, carry, inputs)
        return jax.tree.map(lambda a, b: jnp.concatenate([a, b], axis=1), first, rest)

    def _unroll(self) -> int:
        if self.unroll:
            return min(self.unroll, self.timesteps - 1)
        return self.timesteps - 1 if jax.default_backend() == "cpu" else 1

    def _inputs(self, x: jax.Array) -> Inputs:
        """U_a * x and the nine maps Q of W, once for all steps."""
        gates = 4 * self.features
        attention = nn.Conv(
            self.features, (3, 3), kernel_init=NORMAL, dtype=self.dtype, name="U_a"
        )(x)
        kernel = self.param("W_kernel", NORMAL, (3, 3, x.shape[-1], gates))
        bias = self.param("W_bias", nn.initializers.zeros, (gates,))
        x, kernel, bias = nn.dtypes.promote_dtype(x, kernel, bias, dtype=self.dtype)
        kernel = kernel.reshape(9, x.shape[-1], gates)
        taps = tuple(x_k @ w_k for x_k, w_k in zip(shifts(x), kernel, strict=True))
        return Inputs(attention, taps, bias.reshape(1, 1, 1, gates))
