"""The network's convolutions one by one: as samjax computes them here, and as XLA does.

What decides which way `samjax.models.convolution` takes.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from experiments.bench.case import NetworkCase
from experiments.bench.plan import Plan
from experiments.bench.timing import interleaved, ratio, spread
from samjax.models.backend import resolve
from samjax.models.convolution import make_convolution
from samjax.models.cpu.kernel_gradient import correlate
from samjax.models.stages import VGG16


def measure(plan: Plan) -> dict:
    """{"3x3, 64 to 64, 240x320": {"forward" or "gradient": seconds, and XLA's over them}, ...}."""
    return {name: _cell(*shape, plan.rounds) for name, shape in shapes(plan.case).items()}


def shapes(case: NetworkCase) -> dict[str, tuple]:
    """{name: (shape of x, shape of the kernel, dilation)} of SAM-VGG, each once."""
    (height, width), channels, found = case.input_size, 3, {}

    def add(size: int, inputs: int, outputs: int, dilation: int = 1) -> None:
        name = f"{size}x{size}, {inputs} to {outputs}, {height}x{width}"
        name += f", dilation {dilation}" * (dilation > 1)
        found[name] = (
            (case.batch, height, width, inputs),
            (size, size, inputs, outputs),
            dilation,
        )

    for stage in VGG16:
        for _ in range(stage.layers):
            add(3, channels, stage.features, stage.dilation)
            channels = stage.features
        if stage.pool:
            height, width = height // stage.pool.stride, width // stage.pool.stride
    add(3, case.features, 5 * case.features)
    add(5, case.features, case.features, 4)
    return found


def _cell(x_shape: tuple, kernel_shape: tuple, dilation: int, rounds: int) -> dict:
    rng = np.random.default_rng(0)
    x, kernel = (jnp.asarray(rng.standard_normal(s, np.float32)) for s in (x_shape, kernel_shape))
    ways = {
        "samjax": lambda x, kernel: make_convolution(kernel, dilation, resolve())(x),
        "xla": lambda x, kernel: correlate(x, kernel, dilation),
    }
    found = {"way": type(make_convolution(kernel, dilation, resolve())).__name__}
    for kind, of in {"forward": _forward, "gradient": _gradient}.items():
        programs = {name: _call(of(way), x, kernel) for name, way in ways.items()}
        timed = interleaved(programs, rounds)
        found[kind] = {
            **spread(timed["samjax"].rounds, "seconds"),
            **ratio(timed["xla"].rounds, timed["samjax"].rounds),
        }
    return found


def _forward(convolve: Callable) -> Callable:
    return jax.jit(convolve)


def _gradient(convolve: Callable) -> Callable:
    """Both gradients of a sum of squares, the forward pass included."""
    return jax.jit(jax.grad(lambda x, kernel: (convolve(x, kernel) ** 2).sum(), (0, 1)))


def _call(program: Callable, *arguments) -> Callable:
    return lambda: program(*arguments)
