"""The backend is a field: no program depends on the device that JAX would take by default."""

from unittest import mock

import jax
import numpy as np
import pytest
from jax.extend.core import jaxprs_in_params
from tolerance import assert_close, rounding
from weight_files import network

from samjax.models import SAM
from samjax.models.backend import is_cpu, resolve
from samjax.models.cpu import convolution as cpu_convolution
from samjax.weights.pretrained import Pretrained
from samjax.weights.safetensors_file import read_safetensors, save

SIZE = (48, 64)


def equations(jaxpr):
    """Return all equations of a program, those of the programs in it included."""
    for equation in jaxpr.eqns:
        yield equation
        for inner in jaxprs_in_params(equation.params):
            yield from equations(getattr(inner, "jaxpr", inner))


def kernel_sizes(program) -> list[int]:
    """Return the kernel size of each convolution that XLA is left to compute."""
    convolutions = [e for e in equations(program) if e.primitive.name == "conv_general_dilated"]
    return [e.invars[1].aval.shape[0] for e in convolutions]


@pytest.fixture
def small_winograd(monkeypatch):
    """Let Winograd's products serve the tiny network's recurrence, which has 24 channels."""
    monkeypatch.setattr(cpu_convolution, "MIN_WINOGRAD_PRODUCTS", {3: 24 * 24})


@pytest.fixture
def another_default(monkeypatch):
    """Let JAX say that its default is a GPU; nothing that is traced may ask."""

    def refuse(*_):
        raise AssertionError("a module asks for the devices while it is traced")

    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    monkeypatch.setattr(jax, "devices", refuse)


def test_a_program_has_the_arithmetic_of_its_field_on_any_host(small_winograd, another_default):
    fields, _, variables = network("vgg_tiny")
    images = np.zeros((1, *SIZE, 3), np.uint8)

    def trace(backend):
        model = SAM(**fields, backend=backend)
        return jax.make_jaxpr(model.apply)(variables, images).jaxpr

    # 5 layers, U_a, [W_a, U] and V_a; the recurrence stands once in its scan, but the first
    # timestep has an energy of its own.
    assert kernel_sizes(trace("xla")).count(3) == 5 + 3 + 1
    # Winograd's products stand for U_a and for the convolution of h; left are 5 layers of fewer
    # channels, and the energy, which has one channel, in the first timestep and in the scan.
    assert kernel_sizes(trace("cpu")).count(3) == 5 + 2


def test_both_arithmetics_have_the_same_maps_and_gradients(rng, small_winograd):
    fields, _, variables = network("vgg_tiny")
    image = rng.integers(0, 256, (1, *SIZE, 3)).astype(np.uint8)

    def compute(backend):
        model = SAM(**{**fields, "timesteps": 2}, backend=backend)

        def loss(params):
            output = model.apply({**variables, "params": params}, image)
            return (output.saliency**2).mean() + (output.attention**2).sum(), output.saliency

        return jax.jit(jax.value_and_grad(loss, has_aux=True))(variables["params"])

    (_, ours), gradients = compute("cpu")
    (_, theirs), expected = compute("xla")
    # At most 20 layers, of at most 25 x 28 products (the head's), and as many backwards. Where two
    # cells of a pool are equal but for rounding, their gradients may change places.
    tolerance = rounding(25 * 28, layers=20)
    assert_close(ours, theirs, tolerance)
    assert_close(gradients, expected, 10 * tolerance)


def test_the_backend_is_the_cpus_where_all_devices_are():
    cpu, gpu = (mock.Mock(spec=jax.Device, platform=name) for name in ("cpu", "gpu"))
    assert resolve() == "cpu"  # the tests' own devices
    assert [resolve(d) for d in ([cpu, cpu], [gpu], [cpu, gpu])] == ["cpu", "xla", "xla"]


def test_a_platforms_name_is_no_backend():
    with pytest.raises(ValueError, match="backend 'gpu' is unknown; use cpu or xla"):
        is_cpu("gpu")


def test_a_weight_file_does_not_say_how_to_compute(tmp_path):
    fields, _, variables = network("vgg_tiny")
    fields = {**fields, "backend": "cpu"}
    save(tmp_path / "w.safetensors", Pretrained("sam", variables, fields, "tiny", sha256=""))
    _, metadata = read_safetensors(tmp_path / "w.safetensors")
    assert "backend" not in metadata["model"]
