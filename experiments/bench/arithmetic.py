"""How many multiply-adds a JAX function executes, counted in its program."""

from collections.abc import Callable

import jax
import numpy as np
from jax.extend import core


def multiply_adds(function: Callable, *arguments) -> int:
    """Of its convolutions and matrix products; arguments may be arrays or their shapes."""
    return _count(jax.make_jaxpr(function)(*arguments).jaxpr)


def _count(jaxpr: core.Jaxpr) -> int:
    return sum(_of(equation) for equation in jaxpr.eqns)


def _of(equation) -> int:
    name, params = equation.primitive.name, equation.params
    if name == "conv_general_dilated":
        return _of_convolution(equation)
    if name == "dot_general":
        (contracted, _), _ = params["dimension_numbers"]
        left = equation.invars[0].aval.shape
        return equation.outvars[0].aval.size * int(np.prod([left[k] for k in contracted]))
    inner = sum(_count(getattr(p, "jaxpr", p)) for p in jax.tree.leaves(_programs(params)))
    return inner * params["length"] if name == "scan" else inner


def _of_convolution(equation) -> int:
    """Of a convolution: taps that fall on padding count, zeros between dilated inputs do not."""
    params = equation.params
    numbers = params["dimension_numbers"]
    kernel = equation.invars[1].aval.shape
    outputs = equation.outvars[0].aval
    taps = int(np.prod([kernel[k] for k in numbers.rhs_spec[1:]]))
    spread = int(np.prod(params["lhs_dilation"]))
    return outputs.size * taps // spread


def _programs(params: dict) -> list:
    kinds = (core.Jaxpr, core.ClosedJaxpr)
    return [
        p
        for value in params.values()
        for p in (value if isinstance(value, tuple | list) else (value,))
        if isinstance(p, kinds)
    ]
