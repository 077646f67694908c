"""How many multiply-adds a JAX function executes, counted in its program."""

import math
from collections.abc import Callable
from typing import Any

import jax
from jax.extend import core
from jax.interpreters.partial_eval import dce_jaxpr


def multiply_adds(function: Callable, *arguments: Any) -> int:
    """Return the multiply-adds of a function's convolutions and matrix products.

    Those whose results nothing needs do not count: the compiler leaves them out.

    Args:
        function: A function that JAX can trace.
        arguments: Its arguments; shapes (`jax.ShapeDtypeStruct`) do in place of arrays.
    """
    program = jax.make_jaxpr(function)(*arguments).jaxpr
    needed, _ = dce_jaxpr(program, [True] * len(program.outvars))
    return _count_program(needed)


def _count_program(jaxpr: core.Jaxpr) -> int:
    return sum(_count_equation(equation) for equation in jaxpr.eqns)


def _count_equation(equation: core.JaxprEqn) -> int:
    """Count one operation; that of a loop or a nested program is what its body executes."""
    name, params = equation.primitive.name, equation.params
    if name == "conv_general_dilated":
        return _count_convolution(equation)
    if name == "dot_general":
        (contracted, _), _ = params["dimension_numbers"]
        left = _shape(equation.invars[0])
        outputs = math.prod(_shape(equation.outvars[0]))
        return outputs * math.prod(left[k] for k in contracted)
    body = sum(_count_program(program) for program in _nested_programs(params))
    return body * params["length"] if name == "scan" else body


def _count_convolution(equation: core.JaxprEqn) -> int:
    """Count a convolution: taps that fall on padding count, zeros between dilated inputs do not."""
    params = equation.params
    kernel = _shape(equation.invars[1])
    outputs = math.prod(_shape(equation.outvars[0]))
    # All axes of the kernel but that of the outputs: rows, columns and inputs.
    taps = math.prod(kernel[k] for k in params["dimension_numbers"].rhs_spec[1:])
    return outputs * taps // math.prod(params["lhs_dilation"])


def _shape(variable: Any) -> tuple[int, ...]:
    """Return the shape of a variable or a constant of a program."""
    return variable.aval.shape


def _nested_programs(params: dict[str, Any]) -> list[core.Jaxpr]:
    """Return the programs among an operation's parameters, of loops, branches and calls."""
    programs = []
    for value in params.values():
        for item in value if isinstance(value, tuple | list) else (value,):
            if isinstance(item, core.ClosedJaxpr):
                programs.append(item.jaxpr)
            elif isinstance(item, core.Jaxpr):
                programs.append(item)
    return programs
