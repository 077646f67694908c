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
INPUT_SIZE = (96, 128)
CHANNELS = 64
GRADIENT = "gradient of "
Results = dict[str, np.ndarray | list[np.ndarray]]


class Limits(NamedTuple):
    """The largest relative errors that are rounding."""

    outputs: float
    gradients: float


class Way(NamedTuple):
    """How a device computes.

    Attributes:
        dtype: Of activations and products.
        precision: Of products in float32: "highest", or "default", which takes the ten bits of
            TF32 on NVIDIA's devices.
        limits: Of whole networks.
    """

    dtype: str
    precision: str
    limits: Limits


# Rounding flips ReLUs and maxima, and a random network's gradients amplify that. On a CPU, bfloat16
# is off from float32 by .02 in VGG's outputs and .42 in its gradients, by .06 and .73 in ResNet's;
# float32 that sums in another order by 3e-6 and 2e-3. Where a gradient is 0 its error is 1, where
# it has nothing in common with the reference 1.4. How exact an operation is, single ones show.
WAYS = {
    "bfloat16": Way("bfloat16", "default", Limits(0.15, 0.9)),
    "float32": Way("float32", "highest", Limits(1e-4, 1e-2)),
    "float32 as TF32": Way("float32", "default", Limits(0.05, 0.5)),
}
# bfloat16 rounds to 2**-9 of a value; the errors are .002.
OF_SINGLES = Limits(0.01, 0.01)


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
        "vgg16 96x128, bfloat16" and the like with "errors": |value - reference| / |reference| in
        the Euclidean norm, of each output and of each part's gradients; "limits"; and "verdict".
    """
    measures: dict[str, Callable[[], Cell]] = {}
    for name, single in SINGLES.items():
        measures[f"{name}, bfloat16"] = partial(_compare_single, single)
    cpu = jax.devices("cpu")[0]
    # The CPU compiles and computes the references while the device is at work.
    with ThreadPoolExecutor(1) as pool:
        references: dict[str, Future[Results]] = {}
        for case, way in networks(plan):
            if case.backbone not in references:
                exact = case._replace(dtype="float32")
                references[case.backbone] = pool.submit(run_network, exact, cpu)
            size = "x".join(map(str, case.input_size))
            measures[f"{case.backbone} {size}, {way}"] = partial(
                _compare_network, case, WAYS[way], references[case.backbone]
            )
        yield from run_cells(measures, plan)
        pool.shutdown(cancel_futures=True)


def networks(plan: Plan) -> list[tuple[NetworkCase, str]]:
    """Return the networks to compare and the ways of WAYS, what matters most first."""
    case = plan.case._replace(batch=BATCH)
    if plan.quick:
        return [(case, "bfloat16"), (case, "float32")]
    case = case._replace(input_size=INPUT_SIZE)
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
    return compare(found, reference.result(), way.limits)


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
    parts = {f"{GRADIENT}{part}": jax.tree.leaves(tree) for part, tree in gradients.items()}
    return {"loss": loss, **outputs, **parts}


def _compare_single(single: Single) -> Cell:
    cpu, device = jax.devices("cpu")[0], jax.devices()[0]
    rng = np.random.default_rng(0)
    taps, inputs, size = single.taps, single.inputs, single.size
    shapes = (BATCH, size, size, inputs), (taps, taps, inputs, CHANNELS)
    # Rounded before, so that both sides get the same numbers.
    x, kernel = (jnp.asarray(rng.standard_normal(s), jnp.bfloat16) for s in shapes)
    reference = _run_single(single, x.astype(jnp.float32), kernel.astype(jnp.float32), cpu)
    return compare(_run_single(single, x, kernel, device), reference, OF_SINGLES)


def _run_single(single: Single, x: jax.Array, kernel: jax.Array, device: jax.Device) -> Results:
    """Return a convolution's output, and the gradients of half the sum of its squares."""

    def total(x: jax.Array, kernel: jax.Array) -> tuple[jax.Array, jax.Array]:
        y = correlate(x, kernel, single.dilation, single.stride)
        return (y.astype(jnp.float32) ** 2).sum() / 2, y

    run = jax.jit(jax.value_and_grad(total, (0, 1), has_aux=True))
    (_, y), (of_x, of_kernel) = jax.device_get(run(*jax.device_put((x, kernel), device)))
    return {"output": y, "gradient of x": of_x, "gradient of kernel": of_kernel}


def compare(found: Results, reference: Results, limits: Limits) -> Cell:
    """Return the relative error of each result, the limits, and whether all are within them."""
    errors = {name: relative_error(found[name], value) for name, value in reference.items()}
    agrees = all(
        error <= (limits.gradients if name.startswith(GRADIENT) else limits.outputs)
        for name, error in errors.items()
    )  # what is not a number is not within
    verdict = "agrees" if agrees else "DIFFERS"
    return {"errors": errors, "limits": limits._asdict(), "verdict": verdict}


def relative_error(value: Any, reference: Any) -> float:
    """Return |value - reference| / |reference| in the Euclidean norm, all arrays together."""
    value, reference = (
        np.concatenate([np.ravel(np.asarray(leaf, np.float64)) for leaf in jax.tree.leaves(tree)])
        for tree in (value, reference)
    )
    return float(np.linalg.norm(value - reference) / np.linalg.norm(reference))
