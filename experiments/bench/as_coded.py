"""The attentive ConvLSTM in plain JAX as the release codes it: every convolution, every timestep.

The parameters are those of `samjax.models.attentive_convlstm`, whose equations these are (Cornia et
al. 2018, section III-B).
"""

import jax
import jax.numpy as jnp

from samjax.models.cpu.kernel_gradient import correlate


def recurrence(params: dict, x: jax.Array, timesteps: int) -> jax.Array:
    """Return the last hidden state [B, h, w, F] for features x [B, h, w, F]."""

    def conv(x: jax.Array, kernel: jax.Array, bias: jax.Array) -> jax.Array:
        return correlate(x, kernel.astype(x.dtype), 1) + bias.astype(x.dtype).reshape(1, 1, 1, -1)

    cell = params["cell"]
    h = c = jnp.zeros_like(x)
    for _ in range(timesteps):
        # The attention [B, h, w, 1] of this timestep, a softmax over all positions.
        energy = jnp.tanh(conv(h, **cell["W_a"]) + conv(x, **params["U_a"]))
        scores = correlate(energy, cell["V_a"]["kernel"].astype(x.dtype), 1).astype(jnp.float32)
        attended = (jax.nn.softmax(scores, axis=(1, 2)) * x).astype(x.dtype)
        # An LSTM whose products are convolutions; the four gates lie side by side [B, h, w, 4 F].
        gates = conv(attended, params["W_kernel"], params["W_bias"]) + conv(h, **cell["U"])
        i, f, o, g = jnp.split(gates, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
    return h
