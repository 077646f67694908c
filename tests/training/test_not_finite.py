"""The first module and the parameter nearest the loss are named, also within a scan."""

import flax.linen as nn
import jax.numpy as jnp
import numpy as np

from samjax.training.not_finite import Step, forward, gradients_line, module_line, operation_line


class Cell(nn.Module):
    """Its output grows without bound: 1, 1e20, inf."""

    @nn.compact
    def __call__(self, carry, x):
        grown = nn.Dense(2, use_bias=False, name="grow")(carry) * 1e20
        return grown, x


class Net(nn.Module):
    scanned: int

    @nn.compact
    def __call__(self, x):
        x = nn.Dense(2, use_bias=False, name="first")(x)
        scan = nn.scan(
            lambda cell, carry, x: cell(carry, x),
            variable_broadcast="params",
            split_rngs={"params": False},
            in_axes=nn.broadcast,
            length=self.scanned,
        )
        x, _ = scan(Cell(name="cell"), x, x)
        return nn.Dense(1, use_bias=False, name="last")(x)


def step_of(loss, scanned=1) -> Step:
    eye = {"kernel": np.eye(2, dtype=np.float32)}
    last = {"kernel": np.ones((2, 1), np.float32)}
    params = {"first": eye, "cell": {"grow": eye}, "last": last}
    x = np.full((1, 2), 1.0, np.float32)

    def of(params):
        return loss(Net(scanned).apply({"params": params}, x)), ()

    return Step(of, params)


def test_the_first_module_is_named_with_its_call_within_a_scan():
    calls, _ = forward(step_of(jnp.sum, scanned=3))
    (line,) = module_line(calls)
    # The product is finite in the second timestep, and what the cell returns of it is not.
    assert line.startswith("first module whose output is not finite: cell, in its call 2 of 3")
    assert "cell/grow before it is" in line


def test_parameters_are_named_from_the_loss_backwards():
    # The loss is finite; its derivative at 0 is not.
    again = step_of(lambda y: jnp.sqrt(jnp.abs(y - y)).sum())
    calls, (value, _) = forward(again)
    assert np.isfinite(value)
    assert module_line(calls) == []
    (line,) = gradients_line(again, [call.module for call in calls])
    assert line.endswith(
        "3 of 3, the nearest to the loss first: last/kernel, cell/grow/kernel, first/kernel"
    )
    assert operation_line(again)[0].startswith("jax_debug_nans: invalid value (nan)")


def test_a_finite_step_names_nothing():
    again = step_of(jnp.sum)
    calls, _ = forward(again)
    assert module_line(calls) == []
    assert gradients_line(again, [call.module for call in calls]) == []
    assert "no operation gives a NaN" in operation_line(again)[0]
