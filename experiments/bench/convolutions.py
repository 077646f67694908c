"""The network's convolutions one by one: as samjax computes them here, and as XLA does.

The results decide which way `samjax.models.convolution` takes.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from experiments.bench.case import NetworkCase
from experiments.bench.cells import Cells, run_cells
from experiments.bench.plan import Plan
from experiments.bench.timing import Limits, interleaved, ratio, spread
from samjax.models.backend import resolve
from samjax.models.convolution import make_convolution
from samjax.models.cpu.kernel_gradient import correlate
from samjax.models.stages import VGG16


class ConvolutionShape(NamedTuple):
    """A convolution: the input [B, H, W, C], the kernel [k, k, C, F] and the dilation."""

    x: tuple[int, int, int, int]
    kernel: tuple[int, int, int, int]
    dilation: int

    @property
    def name(self) -> str:
        """The convolution in words, such as "3x3, 64 to 64, 240x320"."""
        _, height, width, _ = self.x
        size, _, inputs, outputs = self.kernel
        name = f"{size}x{size}, {inputs} to {outputs}, {height}x{width}"
        return f"{name}, dilation {self.dilation}" if self.dilation > 1 else name


def measure(plan: Plan) -> Cells:
    """Yield the speed of each convolution of the network, by its name.

    Yields:
        Names with "way": how samjax computes it, "forward" and "gradient": {"seconds", "ratio",
        ...}, where the ratio is XLA's time over samjax's.
    """
    shapes = network_shapes(plan.case)
    measures = {shape.name: partial(_measure_shape, shape, plan.limits) for shape in shapes}
    yield from run_cells(measures, plan)


def network_shapes(case: NetworkCase) -> list[ConvolutionShape]:
    """Return the convolutions of SAM with VGG-16, each kind once."""
    (height, width), channels = case.input_size, 3
    shapes = []
    for stage in VGG16:
        for _ in range(stage.layers):
            x = (case.batch, height, width, channels)
            shapes.append(ConvolutionShape(x, (3, 3, channels, stage.features), stage.dilation))
            channels = stage.features
        if stage.pool:
            height, width = height // stage.pool.stride, width // stage.pool.stride
    x = (case.batch, height, width, case.features)
    # The attention's and the gates' convolutions of the features, all at once.
    shapes.append(ConvolutionShape(x, (3, 3, case.features, 5 * case.features), 1))
    # A block of priors.
    shapes.append(ConvolutionShape(x, (5, 5, case.features, case.features), 4))
    return list(dict.fromkeys(shapes))


def _measure_shape(shape: ConvolutionShape, limits: Limits) -> dict[str, Any]:
    """Time samjax's convolution and XLA's of one shape, forward and with gradients."""
    rng = np.random.default_rng(0)
    x = jnp.asarray(rng.standard_normal(shape.x, np.float32))
    kernel = jnp.asarray(rng.standard_normal(shape.kernel, np.float32))

    def ours(x: jax.Array, kernel: jax.Array) -> jax.Array:
        return make_convolution(kernel, shape.dilation, resolve())(x)

    def xla(x: jax.Array, kernel: jax.Array) -> jax.Array:
        return correlate(x, kernel, shape.dilation)

    results: dict[str, Any] = {
        "way": type(make_convolution(kernel, shape.dilation, resolve())).__name__
    }
    transforms: dict[str, Callable] = {"forward": jax.jit, "gradient": _gradient}
    for kind, transform in transforms.items():
        programs = {}
        for name, convolve in {"samjax": ours, "xla": xla}.items():
            programs[name] = _bind(transform(convolve), x, kernel)
        timed = interleaved(programs, limits)
        results[kind] = {
            **spread(timed["samjax"].rounds, "seconds"),
            **ratio(timed["xla"].rounds, timed["samjax"].rounds),
        }
    return results


def _gradient(convolve: Callable) -> Callable:
    """Return the program of both gradients of a sum of squares, the forward pass included."""
    return jax.jit(jax.grad(lambda x, kernel: (convolve(x, kernel) ** 2).sum(), (0, 1)))


def _bind(program: Callable, *arguments: jax.Array) -> Callable:
    return lambda: program(*arguments)
