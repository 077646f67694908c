"""How far a device is from what a CPU computes in float32: in outputs, loss and all gradients.

The CPU's own arithmetic in float32 is the reference, whose gradients the tests hold against finite
differences and the release. A device's rounding is allowed for, a wrong or a failing operation is
not: bfloat16 convolutions that are strided and dilated at once, which gradients of strided ones
are, have failed on CUDA.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from experiments.bench.case import NetworkCase, random_batch, random_variables, samjax_model
from experiments.bench.cells import Cell, Cells, run_cells
from experiments.bench.plan import Plan
from samjax.models.cpu.kernel_gradient import correlate
from samjax.training import losses, steps

BATCH = 2
CHANNELS = 64
Results = dict[str, np.ndarray | list[np.ndarray]]


class Way(NamedTuple):
    """How a device computes.

    Attributes:
        dtype: Of activations and products.
        precision: Of products in float32: "highest", or "default", which takes the ten bits of
            TF32 on NVIDIA's devices.
        limit: The largest relative error that is rounding. A wrong operation has one near 1.
    """

    dtype: str
    precision: str
    limit: float


# Measured on a CPU at full width, bfloat16 is off by .02 in outputs and .07 in gradients; float32
# by 3e-6 and 1e-4 where a device sums in another order.
WAYS = {
    "bfloat16": Way("bfloat16", "default", 0.3),
    "float32": Way("float32", "highest", 2e-3),
    "float32 as TF32": Way("float32", "default", 0.1),
}


class Single(NamedTuple):
    """A convolution on its own: k x k taps on an image of `size` rows and columns."""

    taps: int
    inputs: int
    size: int
    stride: int
    dilation: int


# Of ResNet's stem, of the small networks' stages, of VGG's last stage and of the head.
SINGLES = {
    "7x7, stride 2": Single(7, 3, 64, 2, 1),
    "3x3, stride 2": Single(3, CHANNELS, 64, 2, 1),
    "3x3, dilation 2": Single(3, CHANNELS, 32, 1, 2),
    "5x5, dilation 4": Single(5, CHANNELS, 32, 1, 4),
}


def measure(plan: Plan) -> Cells:
    """Yield the relative errors of single convolutions and of whole networks, way by way.

    Yields:
        "vgg16, bfloat16" and the like with "errors": |value - reference| / |reference| in the
        Euclidean norm, of each output and of the gradients of each part; "limit"; and "verdict".
    """
    measures: dict[str, Callable[[], Cell]] = {}
    for name, single in SINGLES.items():
        measures[f"{name}, bfloat16"] = partial(_compare_single, single, WAYS["bfloat16"])
    cpu = jax.devices("cpu")[0]
    # The CPU compiles and computes the references while the device is at work.
    with ThreadPoolExecutor(1) as pool:
        references: dict[str, Future[Results]] = {}
        for case, way in networks(plan):
            if case.backbone not in references:
                exact = case._replace(dtype="float32")
                references[case.backbone] = pool.submit(run_network, exact, cpu)
            measures[f"{case.backbone}, {way}"] = partial(
                _compare_network, case, WAYS[way], references[case.backbone]
            )
        yield from run_cells(measures, plan)
        pool.shutdown(cancel_futures=True)


def networks(plan: Plan) -> list[tuple[NetworkCase, str]]:
    """Return the networks to compare and the ways of WAYS, what matters most first."""
    case = plan.case._replace(batch=BATCH)
    if plan.quick:
        return [(case, way) for way in WAYS]
    return [
        (case, "bfloat16"),
        (case, "float32"),
        (case._replace(backbone="vgg_box", features=CHANNELS), "bfloat16"),  # it has strides
        (case._replace(backbone="resnet50"), "bfloat16"),
        (case, "float32 as TF32"),
    ]


def _compare_network(case: NetworkCase, way: Way, reference: Future[Results]) -> Cell:
    with jax.default_matmul_precision(way.precision):
        found = run_network(case._replace(dtype=way.dtype), jax.devices()[0])
    return compare(found, reference.result(), way.limit)


def run_network(case: NetworkCase, device: jax.Device) -> Results:
    """Return the outputs, the loss and the gradients of a training step's forward and backward.

    Args:
        case: The network, its input and its arithmetic.
        device: Where to compute it.
    """
    model = samjax_model(case, [device])
    options = losses.LossOptions(collapse_repeats=True)

    def mean_loss(params: dict, stats: dict, batch: dict) -> tuple[jax.Array, dict]:
        variables = {"params": params} | stats
        output: Any
        output, _ = model.apply(variables, batch["image"], train=True, mutable=["batch_stats"])
        _, per_image = steps.image_losses(output, batch, options)
        return per_image.mean(), {"saliency": output.saliency, "attention": output.attention}

    variables = jax.device_put(random_variables(case), device)
    params = variables.pop("params")
    batch = jax.device_put(random_batch(case), device)
    run = jax.jit(jax.value_and_grad(mean_loss, has_aux=True))
    (loss, outputs), gradients = jax.device_get(run(params, variables, batch))
    parts = {f"gradient of {part}": jax.tree.leaves(tree) for part, tree in gradients.items()}
    return {"loss": loss, **outputs, **parts}


def _compare_single(single: Single, way: Way) -> Cell:
    cpu, device = jax.devices("cpu")[0], jax.devices()[0]
    rng = np.random.default_rng(0)
    shapes = (
        (BATCH, single.size, single.size, single.inputs),
        (
            *(single.taps, single.taps),
            *(single.inputs, CHANNELS),
        ),
    )
    # Rounded before, so that both sides get the same numbers.
    x, kernel = (jnp.asarray(rng.standard_normal(s), way.dtype) for s in shapes)
    reference = _run_single(single, x.astype(jnp.float32), kernel.astype(jnp.float32), cpu)
    return compare(_run_single(single, x, kernel, device), reference, way.limit)


def _run_single(single: Single, x: jax.Array, kernel: jax.Array, device: jax.Device) -> Results:
    """Return a convolution's output, and the gradients of half the sum of its squares."""

    def total(x: jax.Array, kernel: jax.Array) -> tuple[jax.Array, jax.Array]:
        y = correlate(x, kernel, single.dilation, single.stride)
        return (y.astype(jnp.float32) ** 2).sum() / 2, y

    run = jax.jit(jax.value_and_grad(total, (0, 1), has_aux=True))
    (_, y), (of_x, of_kernel) = jax.device_get(run(*jax.device_put((x, kernel), device)))
    return {"output": y, "gradient of x": of_x, "gradient of kernel": of_kernel}


def compare(found: Results, reference: Results, limit: float) -> Cell:
    """Return the relative error of each result, the limit, and whether all are within it."""
    errors = {name: relative_error(found[name], value) for name, value in reference.items()}
    agrees = all(error <= limit for error in errors.values())  # nan is not
    return {"errors": errors, "limit": limit, "verdict": "agrees" if agrees else "DIFFERS"}


def relative_error(value: Any, reference: Any) -> float:
    """Return |value - reference| / |reference| in the Euclidean norm, all arrays together."""
    value, reference = (
        np.concatenate([np.ravel(np.asarray(leaf, np.float64)) for leaf in jax.tree.leaves(tree)])
        for tree in (value, reference)
    )
    return float(np.linalg.norm(value - reference) / np.linalg.norm(reference))
