"""How near samjax comes to what the device can do: its arithmetic beside a large matrix product."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from experiments.bench import as_coded, samjax_side
from experiments.bench.arithmetic import multiply_adds
from experiments.bench.case import DTYPES, NetworkCase, variables_of
from experiments.bench.cells import Cell, Cells, run_cells
from experiments.bench.plan import Plan
from experiments.bench.timing import Limits, interleaved, ratio, spread
from samjax.models.attentive_convlstm import AttentiveConvLSTM
from samjax.models.backend import XLA


class Product(NamedTuple):
    """The matrix product that stands for the device's peak.

    Attributes:
        size: Rows and columns of both matrices.
        repeats: Products in a program, one after the other: starting a program of a GPU takes as
            long as a tenth of a product.
    """

    size: int
    repeats: int


PRODUCTS = {"cpu": Product(2048, 1), "gpu": Product(8192, 8)}
QUICK_PRODUCT = Product(256, 2)
FLOPS_PER_MULTIPLY_ADD = 2
PASSES_OF_A_STEP = 3
"""The backward pass of a training step costs about two forward passes."""


def measure(plan: Plan) -> Cells:
    """Yield multiply-adds, bytes and rates of training step and prediction.

    Yields:
        "predict, batch 8" and the like, where "share_of_product" is the network's rate as a
        fraction of the matrix product's.
    """
    variables = variables_of(plan.case)
    product = PRODUCTS["cpu" if jax.default_backend() == "cpu" else "gpu"]
    measures = {}
    batches = {"train_step": plan.train_batch, "predict": max(plan.predict_batches)}
    for kind, batch in batches.items():
        case = plan.case._replace(batch=batch)
        measures[f"{kind}, batch {batch}"] = partial(
            _measure_task,
            kind,
            case,
            variables,
            QUICK_PRODUCT if plan.quick else product,
            plan.limits,
        )
    yield from run_cells(measures, plan)


def _measure_task(
    kind: str, case: NetworkCase, variables: dict, product: Product, limits: Limits
) -> Cell:
    """Time a program of the network and a program of matrix products in turn."""
    ours = getattr(samjax_side, kind)(case, variables)
    timed = interleaved({kind: ours, "product": matrix_product(product, case)}, limits)
    counted = multiply_adds(ours.function, *ours.arguments)
    analysis = ours.compiled.cost_analysis() or {}
    # XLA's convolutions are not Winograd's, so all multiply-adds of the equations are counted.
    direct = case._replace(backend=XLA)
    plain = getattr(samjax_side, kind)(direct, variables)
    coded = multiply_adds(plain.function, *plain.arguments)
    product_macs = product.repeats * product.size**3
    passes = PASSES_OF_A_STEP if kind == "train_step" else 1
    # Rate of the network over rate of the product, round by round.
    share = ratio(
        [counted * seconds for seconds in timed["product"].rounds],
        [product_macs * seconds for seconds in timed[kind].rounds],
    )
    return {
        "multiply_adds": counted,
        "multiply_adds_as_coded": coded + spared_multiply_adds(direct) * passes,
        "xla_multiply_adds": analysis.get("flops", 0.0) / FLOPS_PER_MULTIPLY_ADD,
        "bytes_accessed": analysis.get("bytes accessed", 0.0),
        **spread(timed[kind].rounds, "seconds"),
        "teraflops": FLOPS_PER_MULTIPLY_ADD * 1e-12 * counted / timed[kind].median,
        "product_size": product.size,
        "product_teraflops": FLOPS_PER_MULTIPLY_ADD
        * 1e-12
        * product_macs
        / timed["product"].median,
        "share_of_product": share["ratio"],
        "share_of_product_quartiles": share["ratio_quartiles"],
    }


def matrix_product(product: Product, case: NetworkCase) -> Callable[[], jax.Array]:
    """Return the program of products of two matrices in the case's type."""
    key = jax.random.key(0)
    shape = (product.size, product.size)
    # So scaled that a product has values of the same size as its factors.
    a = jax.random.normal(key, shape, DTYPES[case.dtype] or jnp.float32) / product.size**0.5

    def multiply(a: jax.Array) -> jax.Array:
        return jax.lax.fori_loop(0, product.repeats, lambda _, power: a @ power, a)

    compiled = jax.jit(multiply)
    return lambda: compiled(a)


def spared_multiply_adds(case: NetworkCase) -> int:
    """Return the multiply-adds of the recurrence, forward, that the release executes and we not."""
    dtype = DTYPES[case.dtype] or jnp.float32
    module = AttentiveConvLSTM(case.features, case.timesteps, dtype=dtype, backend=XLA)
    x = jax.ShapeDtypeStruct((case.batch, *case.grid, case.features), dtype)
    params = jax.eval_shape(module.init, jax.random.key(0), x)

    def release(params: dict, x: jax.Array) -> jax.Array:
        return as_coded.recurrence(params["params"], x, case.timesteps)

    return multiply_adds(release, params, x) - multiply_adds(module.apply, params, x)
