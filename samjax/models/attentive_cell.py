"""A single timestep of the attentive ConvLSTM, whose equations `attentive_convlstm` states.

terms     FeatureTerms     what the timestep needs of the features x
h, c      [B, H, W, F]     hidden state and memory, c in float32
a         [B, H, W, 1]     attention, float32
gates     [B, H, W, 4 F]   i, f, o and g side by side
"""

from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from samjax.errors import check_name
from samjax.models.backend import XLA
from samjax.models.convolution import Convolution, ConvParams, Kernel, make_convolution
from samjax.models.precompute import cached, prepared

ATTENTION_SCALES = ("sum", "mean")
# The release draws these kernels so.
NORMAL = nn.initializers.normal(0.05)

Carry = tuple[Array, Array]  # (h, c)


class FeatureTerms(NamedTuple):
    """What the timesteps need of the features x, which enter a timestep in no other way."""

    attention: Float[Array, "B H W F"]  # U_a * x + b_a
    tap_products: tuple[Float[Array, "B H W 4*F"], ...]  # the nine maps Q, one per tap of W
    gate_bias: Float[Array, "1 1 1 4*F"]  # the bias of W


class CellParams(NamedTuple):
    """What the timesteps need of the parameters, ready to be applied; the same in all of them."""

    hidden_convolution: Convolution  # W_a and U side by side: from h to F + 4F channels
    hidden_bias: Float[Array, "1 1 1 5*F"]
    energy_convolution: Convolution  # V_a


class TimestepOutput(NamedTuple):
    """The results of one timestep, or of T of them with a second axis T."""

    hidden: Float[Array, "B *T H W F"]
    attention: Float[Array, "B *T H W"]  # float32, sums to 1 over the positions


def shift_by_taps(x: Float[Array, "B H W C"]) -> list[Float[Array, "B H W C"]]:
    """Return the nine maps x[p + k], k the taps of a 3x3 window by rows; zero outside of x."""
    height, width = x.shape[1:3]
    # As the padding "same" of a convolution: what lies outside of x adds nothing.
    padded = jnp.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return [
        padded[:, row : row + height, column : column + width]
        for row in range(3)
        for column in range(3)
    ]


def init_orthogonal_gates(
    key: Array, shape: tuple[int, int, int, int], dtype: Any = jnp.float32
) -> Float[Array, "3 3 F 4*F"]:
    """Return the kernel of U: a quarter for each gate, each orthogonal with gain 1.1."""
    # Drawn at once, the kernels of the four gates would be orthogonal to each other, too.
    quarter_shape = (*shape[:-1], shape[-1] // 4)
    init = nn.initializers.orthogonal(1.1)
    quarters = [init(quarter_key, quarter_shape, dtype) for quarter_key in jax.random.split(key, 4)]
    return jnp.concatenate(quarters, axis=-1)


class AttentiveConvLSTMCell(nn.Module):
    """A single timestep of the attentive ConvLSTM: all that acts on h.

    `__call__` takes the carry (h, c) and returns (carry, TimestepOutput), as `nn.scan` wants it.
    `first` is the same for h = c = 0 and needs no convolution of h. `params` gives what both need.

    Attributes:
        features: Channels F of the states.
        attention_scale: "sum": attention sums to 1 as in the release, so x~ is about x / (H W).
            "mean": it is multiplied by H W, so that even attention leaves x as it is.
        dtype: Of activations and products; None is float32.
        backend: See `samjax.models.backend`.
    """

    features: int
    attention_scale: str = "sum"
    dtype: Any = None
    backend: str = XLA

    def setup(self) -> None:
        """Declare the parameters under the names that the equations give them."""
        shape = (3, 3, self.features)
        self.W_a = ConvParams((*shape, self.features), NORMAL, self.dtype)
        self.U = ConvParams((*shape, 4 * self.features), init_orthogonal_gates, self.dtype)
        # In float32, like the softmax that it feeds.
        self.V_a = Kernel((*shape, 1), nn.initializers.zeros, jnp.float32)

    def params(self) -> CellParams:
        """Return the parameters as the timesteps apply them."""

        def make() -> CellParams:
            attention_kernel, attention_bias = self.W_a()
            gates_kernel, gates_bias = self.U()
            # One convolution of h with both kernels is faster than two.
            kernel = jnp.concatenate([attention_kernel, gates_kernel], axis=-1)
            return CellParams(
                # Prepared once for all timesteps.
                prepared(make_convolution(kernel, backend=self.backend)),
                jnp.concatenate([attention_bias, gates_bias], axis=-1),
                make_convolution(self.V_a(), backend=self.backend),
            )

        return cached(self, "params", make)

    def __call__(
        self, carry: Carry, terms: FeatureTerms, params: CellParams
    ) -> tuple[Carry, TimestepOutput]:
        """Return the next carry and the timestep's results.

        Args:
            carry: (h, c), each [B, H, W, F].
            terms: Of the features.
            params: The result of `self.params()`.
        """
        h, c = carry
        hidden_terms = params.hidden_convolution(h) + params.hidden_bias
        return self._advance(hidden_terms, c, terms, params)

    def first(self, terms: FeatureTerms, params: CellParams) -> tuple[Carry, TimestepOutput]:
        """Return what `__call__` does for h = c = 0, where the convolution of h is its bias."""
        return self._advance(params.hidden_bias, jnp.zeros((), jnp.float32), terms, params)

    def _advance(
        self, hidden_terms: Array, c: Array, terms: FeatureTerms, params: CellParams
    ) -> tuple[Carry, TimestepOutput]:
        """Return the next carry and results; `hidden_terms` is [W_a, U] * h with its biases."""
        hidden_attention, hidden_gates = jnp.split(hidden_terms, [self.features], axis=-1)
        # The softmax normalises over a whole map, for which bfloat16 has too few digits.
        activation = jnp.tanh(hidden_attention + terms.attention).astype(jnp.float32)
        a = nn.softmax(params.energy_convolution(activation), axis=(1, 2))
        attended = self._convolve_attended(a, terms.tap_products)
        gates = (attended + terms.gate_bias + hidden_gates).astype(jnp.float32)
        i, f, o, g = jnp.split(gates, 4, axis=-1)
        # The memory is a sum over all timesteps, so it is kept in float32; h is only rounded once.
        c = nn.sigmoid(f) * c + nn.sigmoid(i) * jnp.tanh(g)
        h = (nn.sigmoid(o) * jnp.tanh(c)).astype(terms.attention.dtype)
        return (h, c), TimestepOutput(hidden=h, attention=a[..., 0])

    def _convolve_attended(self, a: Array, tap_products: tuple[Array, ...]) -> Array:
        """Return W * (a . x) without its bias, [B, H, W, 4F]."""
        check_name("attention_scale", self.attention_scale, ATTENTION_SCALES)
        if self.attention_scale == "mean":
            # Even attention is 1 / (H W) everywhere, so x~ would be as much smaller than x.
            a = a * (a.shape[1] * a.shape[2])
        # Products of matrices rather than of elements, so that the gradient of a[p + k] is one too:
        # XLA's CPU backend takes ten times as long for the sum over channels that it would be.
        total = jnp.zeros((), tap_products[0].dtype)
        for a_k, q_k in zip(
            shift_by_taps(a.astype(tap_products[0].dtype)), tap_products, strict=True
        ):
            total += jnp.einsum("bhwi,bhwf->bhwf", a_k, q_k)
        return total
