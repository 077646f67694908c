"""The scanned module gives what the equations give, in every way in which it may be computed."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference
from tolerance import assert_close, rounding
from weight_files import network

from samjax.models.attentive_convlstm import AttentiveConvLSTM
from samjax.models.cpu import convolution as cpu_convolution
from samjax.models.cpu.kernel_gradient import correlate

F, SIZE, TIMESTEPS = 24, (6, 7), 4
# The widest sum: a gate's over 3x3 taps of x~ and of h. These weights make pre-activations as large
# as 20 (of the gates) and 8 (of the attention's energy). Their absolute rounding error passes
# through tanh and the logistic function, whose slopes are at most 1, into states of about 1.
# Measured against float64, the plain float32 loop and the module lose the same (1.2e-5 of the
# states, with AVX2 as with AVX-512 and SSE4.2; Winograd's products no more): it is float32's own.
LARGEST_GATE, LARGEST_ENERGY = 20, 8
STATES = rounding(2 * 9 * F) * LARGEST_GATE / 2
ATTENTION = rounding(9 * F) * LARGEST_ENERGY / 2
# The slopes of tanh and the logistic function fall like exp(-|z|), so an error of z is a relative
# error of the slope, and with it of the gradients, at every timestep.
GRADIENTS = rounding(2 * 9 * F, layers=TIMESTEPS) * LARGEST_GATE / 2

PARAMS = {"params": network("vgg_tiny").variables["params"]["attentive_convlstm"]}


@pytest.fixture(scope="module")
def x():
    return jnp.float32(np.random.default_rng(0).normal(size=(2, *SIZE, F)))


def plain(params, x, timesteps, scale=1.0):
    """The equations as they stand: every convolution at every timestep, a Python loop."""

    def conv(x, p):
        return correlate(x, p["kernel"]) + p["bias"].reshape(1, 1, 1, -1)

    cell = params["cell"]
    h = c = jnp.zeros_like(x)
    hidden, attention = [], []
    for _ in range(timesteps):
        energy = jnp.tanh(conv(h, cell["W_a"]) + conv(x, params["U_a"]))
        a = jax.nn.softmax(correlate(energy, cell["V_a"]["kernel"]), axis=(1, 2))
        bias = params["W_bias"].reshape(1, 1, 1, -1)
        gates = correlate(scale * a * x, params["W_kernel"]) + bias
        i, f, o, g = jnp.split(gates + conv(h, cell["U"]), 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        hidden.append(h)
        attention.append(a[..., 0])
    return jnp.stack(hidden, axis=1), jnp.stack(attention, axis=1)


def weighted_loss(hidden, attention, weights):
    """A loss of the timesteps with these weights."""
    weights = weights.reshape(1, -1, 1, 1)
    return (hidden**2 * weights[..., None]).sum() + (attention**2 * weights).sum()


@pytest.fixture(scope="module")
def expected(x):
    """A function of T: (hidden, attention, gradients) of the plain loop in float64."""

    def loss(variables, x, weights):
        outputs = plain(variables["params"], x, TIMESTEPS)
        return weighted_loss(*outputs, weights), outputs

    compiled = jax.jit(jax.value_and_grad(loss, (0, 1), has_aux=True))

    def compute(timesteps):
        with jax.enable_x64(True):
            params = jax.tree.map(np.float64, PARAMS)
            weights = np.float64(np.arange(TIMESTEPS) < timesteps)
            (_, outputs), gradients = compiled(params, np.float64(x), weights)
            return jax.device_get((*(y[:, :timesteps] for y in outputs), gradients))

    return compute


def assert_equals_the_plain_loop(module, x, expected):
    def loss(variables, x):
        steps = module.apply(variables, x)
        # The last state by itself, which has a gradient of its own.
        hidden = jnp.concatenate([steps.hidden[:, :-1], steps.last[:, None]], axis=1)
        return weighted_loss(hidden, steps.attention, jnp.ones(module.timesteps)), steps

    (_, steps), gradients = jax.jit(jax.value_and_grad(loss, (0, 1), has_aux=True))(PARAMS, x)
    hidden, attention, wanted = expected(module.timesteps)
    assert_close(steps.hidden, hidden, STATES)
    np.testing.assert_array_equal(steps.last, steps.hidden[:, -1])
    assert_close(steps.attention, attention, ATTENTION)
    assert_close(gradients, wanted, GRADIENTS)


@pytest.mark.parametrize(
    "fields",
    [
        {"timesteps": 1, "backend": "xla"},
        {"timesteps": 2, "backend": "cpu"},
        {"timesteps": 3, "backend": "xla"},
        {"timesteps": 4, "backend": "cpu"},
        {"timesteps": 4, "backend": "xla", "remat": True},
        {"timesteps": 4, "backend": "xla", "unroll": 2},
    ],
    ids=str,
)
def test_scan_equals_the_plain_loop_forward_and_backward(x, expected, fields):
    assert_equals_the_plain_loop(AttentiveConvLSTM(F, **fields), x, expected)


def test_on_a_cpu_no_shifted_copies_of_the_features_are_kept_for_the_gradient(x):
    _, backward = jax.vjp(AttentiveConvLSTM(F, 2, backend="cpu").apply, PARAMS, x)
    rows = (x.size // x.shape[-1], x.shape[-1])
    assert rows not in {leaf.shape for leaf in jax.tree.leaves(backward)}


def test_winograds_products_equal_the_plain_loop_forward_and_backward(x, expected, monkeypatch):
    """As if the channels were so many that a CPU computes the convolution of h by them."""
    monkeypatch.setattr(cpu_convolution, "MIN_WINOGRAD_PRODUCTS", {3: F * 5 * F})
    module = AttentiveConvLSTM(F, 2, backend="cpu")
    kernel = jnp.zeros((3, 3, F, 5 * F))
    assert isinstance(cpu_convolution.make_cpu_convolution(kernel), cpu_convolution.Winograd)
    assert_equals_the_plain_loop(module, x, expected)


def test_timesteps_are_the_references(x):
    timesteps = 8
    tensors = network("vgg_tiny").layers["attentiveconvlstm_1"]
    got = jax.jit(AttentiveConvLSTM(F, timesteps).apply)(PARAMS, x)
    for image, hidden, attention in zip(x, got.hidden, got.attention, strict=True):
        h, a = reference.convlstm(np.float64(image).transpose(2, 0, 1), tensors, timesteps)
        assert_close(hidden.transpose(0, 3, 1, 2), h, STATES)
        assert_close(attention, a, ATTENTION)
        np.testing.assert_allclose(attention.sum(axis=(1, 2)), 1, atol=rounding(np.prod(SIZE)))
        assert attention.max() > 2 / np.prod(SIZE)


def test_mean_scale_multiplies_attention_by_the_number_of_positions(x):
    got = jax.jit(AttentiveConvLSTM(F, 1, attention_scale="mean").apply)(PARAMS, x)
    cells = int(np.prod(SIZE))
    with jax.enable_x64(True):
        params = jax.tree.map(np.float64, PARAMS["params"])
        hidden, _ = jax.jit(partial(plain, timesteps=1, scale=float(cells)))(params, np.float64(x))
        hidden = np.asarray(hidden)
    # Gates that are so many times larger have so many times larger rounding errors.
    assert_close(got.hidden, hidden, STATES * cells)


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
        # 72 rows, and a factorisation that rounds more often than one product does.
        np.testing.assert_allclose(flat.T @ flat, 1.21 * np.eye(8), atol=4 * rounding(72))
    assert not params["cell"]["V_a"]["kernel"].any()
