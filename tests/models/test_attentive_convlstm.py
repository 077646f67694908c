from functools import lru_cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference
from weight_files import network

from samjax.models.attentive_convlstm import AttentiveConvLSTM
from samjax.models.convolution import Winograd, make_convolution
from samjax.models.cpu.kernel_gradient import correlate

F, SIZE = 24, (6, 7)


@pytest.fixture
def x(rng):
    return jnp.float32(rng.normal(size=(2, *SIZE, F)))


PARAMS = {"params": network("vgg_tiny").variables["params"]["attentive_convlstm"]}


def plain(params, x, timesteps, scale=1.0):
    """The equations as they stand: every convolution at every step, a Python loop."""

    def conv(x, p):
        return correlate(x, p["kernel"], 1) + p["bias"].reshape(1, 1, 1, -1)

    cell = params["cell"]
    h = c = jnp.zeros_like(x)
    steps = []
    for _ in range(timesteps):
        energy = jnp.tanh(conv(h, cell["W_a"]) + conv(x, params["U_a"]))
        a = jax.nn.softmax(correlate(energy, cell["V_a"]["kernel"], 1), axis=(1, 2))
        gates = correlate(scale * a * x, params["W_kernel"], 1) + params["W_bias"].reshape(
            1, 1, 1, -1
        )
        i, f, o, g = jnp.split(gates + conv(h, cell["U"]), 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        steps.append((h, a[..., 0]))
    return tuple(jnp.stack(s, axis=1) for s in zip(*steps, strict=True))


def gradient(loss):
    """Compiled without the optimisations that take most of the compiling."""
    function = jax.value_and_grad(loss, (0, 1), has_aux=True)
    return jax.jit(function, compiler_options={"xla_backend_optimization_level": 0})


def module_loss(module):
    def loss(variables, x):
        steps = module.apply(variables, x)
        return (steps.hidden**2).sum() + (steps.attention**2).sum(), steps

    return loss


def assert_close(a, b, tolerance=2e-5):
    for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_allclose(left, right, atol=tolerance * np.abs(right).max())


@gradient
def plain_loss(variables, x, counts):
    """The loss of `module_loss` over the steps that count (one compilation for all numbers)."""
    steps = plain(variables["params"], x, 8)
    return sum((s**2 * counts.reshape(1, 8, 1, 1, *[1] * (s.ndim - 4))).sum() for s in steps), steps


@pytest.mark.parametrize("timesteps", range(1, 9))
def test_scan_equals_the_plain_loop_forward_and_backward(x, timesteps):
    loss = module_loss(AttentiveConvLSTM(F, timesteps))
    (_, steps), gradients = gradient(loss)(PARAMS, x)
    counts = jnp.float32(np.arange(8) < timesteps)
    (_, wanted), expected = plain_loss(PARAMS, x, counts)
    assert_close((steps.hidden, steps.attention), [w[:, :timesteps] for w in wanted])
    assert_close(gradients, expected)


def test_winograds_products_equal_the_plain_loop_forward_and_backward(rng):
    """So many channels that a CPU computes the convolution of h by them."""
    features, timesteps = 96, 3
    module = AttentiveConvLSTM(features, timesteps)
    x = jnp.float32(rng.normal(size=(1, 5, 6, features)))
    shapes = jax.eval_shape(module.init, jax.random.key(0), x)
    params = jax.tree.map(lambda s: jnp.float32(0.05 * rng.normal(size=s.shape)), shapes)
    assert isinstance(make_convolution(params["params"]["cell"]["U"]["kernel"]), Winograd)

    def coded(variables, x):
        steps = plain(variables["params"], x, timesteps)
        return sum((s**2).sum() for s in steps), steps

    (_, steps), gradients = gradient(module_loss(module))(params, x)
    (_, wanted), expected = gradient(coded)(params, x)
    assert_close((steps.hidden, steps.attention), wanted, tolerance=1e-5)
    assert_close(gradients, expected, tolerance=1e-5)


@lru_cache
def values_and_gradients(**fields):
    x = jnp.float32(np.random.default_rng(1).normal(size=(2, *SIZE, F)))
    loss = module_loss(AttentiveConvLSTM(F, 4, **fields))
    return gradient(loss)(PARAMS, x)


@pytest.mark.parametrize("change", [{"remat": True}, {"unroll": 1}, {"unroll": 2}])
def test_remat_and_unroll_change_neither_values_nor_gradients(change):
    assert_close(values_and_gradients(**change), values_and_gradients(), tolerance=1e-5)


@pytest.mark.parametrize("timesteps", [1, 4])
def test_steps_are_the_references(x, timesteps):
    tensors = network("vgg_tiny").layers["attentiveconvlstm_1"]
    got = AttentiveConvLSTM(F, timesteps).apply(PARAMS, x)
    for image, hidden, attention in zip(x, got.hidden, got.attention, strict=True):
        h, a = reference.convlstm(np.float64(image).transpose(2, 0, 1), tensors, timesteps)
        np.testing.assert_allclose(hidden.transpose(0, 3, 1, 2), h, atol=1e-5)
        np.testing.assert_allclose(attention, a, atol=1e-5 * a.max())


def test_attention_is_a_distribution_over_positions_and_uneven(x):
    attention = AttentiveConvLSTM(F, 3).apply(PARAMS, x).attention
    np.testing.assert_allclose(attention.sum(axis=(2, 3)), 1, atol=1e-6)
    assert attention.max() > 2 / np.prod(SIZE)


def test_mean_scale_multiplies_attention_by_the_number_of_positions(x):
    got = AttentiveConvLSTM(F, 3, attention_scale="mean").apply(PARAMS, x)
    hidden, _ = plain(PARAMS["params"], x, 3, scale=float(np.prod(SIZE)))
    np.testing.assert_allclose(got.hidden, hidden, atol=1e-3)  # sharp gates enlarge rounding


def test_features_may_have_another_number_of_channels_than_the_state():
    module = AttentiveConvLSTM(8, 2)
    init = partial(module.init_with_output, jax.random.key(0))
    steps, _ = jax.eval_shape(init, jnp.ones((1, 3, 4, 5)))
    assert steps.hidden.shape == (1, 2, 3, 4, 8)


def test_release_initialisation_gates_orthogonal_with_gain_and_attention_even():
    init = jax.jit(AttentiveConvLSTM(8, 1).init)
    params = init(jax.random.key(0), jnp.ones((1, 3, 4, 8)))["params"]
    for quarter in np.split(np.asarray(params["cell"]["U"]["kernel"]), 4, axis=-1):
        flat = quarter.reshape(-1, 8)
        np.testing.assert_allclose(flat.T @ flat, 1.21 * np.eye(8), atol=1e-5)
    assert not params["cell"]["V_a"]["kernel"].any()
