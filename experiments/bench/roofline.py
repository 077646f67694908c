"""How near samjax comes to what the device can do: its arithmetic beside a large matrix product."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from experiments.bench import as_coded, samjax_side
from experiments.bench.arithmetic import multiply_adds
from experiments.bench.case import (
    DTYPES,
    NetworkCase,
    random_batch,
    random_variables,
    samjax_model,
)
from experiments.bench.plan import Plan
from experiments.bench.timing import interleaved, ratio, spread
from samjax.console.log import log
from samjax.models.attentive_convlstm import AttentiveConvLSTM
from samjax.models.precompute import precompute

# Rows and columns of the product that stands for the device's peak.
CPU_PRODUCT_SIZE, GPU_PRODUCT_SIZE = 2048, 8192
FLOPS_PER_MULTIPLY_ADD = 2
PASSES_OF_A_STEP = 3
"""The backward pass of a training step costs about two forward passes."""


def measure(plan: Plan) -> dict[str, Any]:
    """Return multiply-adds, bytes and rates of prediction and training step.

    Returns:
        {"predict, batch 8": {...}, ...}, where "share_of_product" is the network's rate as a
        fraction of the matrix product's.
    """
    variables = random_variables(plan.case)
    is_cpu = jax.default_backend() == "cpu"
    size = CPU_PRODUCT_SIZE if is_cpu else GPU_PRODUCT_SIZE
    results = {}
    batches = {"predict": plan.predict_batches[-1], "train_step": plan.train_batch}
    for kind, batch in batches.items():
        log(f"  {kind}, batch {batch}")
        case = plan.case._replace(batch=batch)
        results[f"{kind}, batch {batch}"] = _measure_cell(kind, case, variables, size, plan.rounds)
    return results


def _measure_cell(
    kind: str, case: NetworkCase, variables: dict, size: int, rounds: int
) -> dict[str, Any]:
    """Time a program of the network and a product of size x size matrices in turn."""
    ours = getattr(samjax_side, kind)(case, variables)
    timed = interleaved({kind: ours, "product": matrix_product(size, case)}, rounds)
    counted, analysis = count_arithmetic(kind, case, variables)
    # In bfloat16 no convolution is Winograd's, so all multiply-adds of the equations are counted.
    direct = case._replace(dtype="bfloat16")
    coded, _ = count_arithmetic(kind, direct, variables, compiled=False)
    passes = PASSES_OF_A_STEP if kind == "train_step" else 1
    # Rate of the network over rate of the product, round by round.
    share = ratio(
        [counted * seconds for seconds in timed["product"].rounds],
        [size**3 * seconds for seconds in timed[kind].rounds],
    )
    return {
        "multiply_adds": counted,
        "multiply_adds_as_coded": coded + spared_multiply_adds(direct) * passes,
        "xla_multiply_adds": analysis.get("flops", 0.0) / FLOPS_PER_MULTIPLY_ADD,
        "bytes_accessed": analysis.get("bytes accessed", 0.0),
        **spread(timed[kind].rounds, "seconds"),
        "teraflops": FLOPS_PER_MULTIPLY_ADD * 1e-12 * counted / timed[kind].median,
        "product_size": size,
        "product_teraflops": FLOPS_PER_MULTIPLY_ADD * 1e-12 * size**3 / timed["product"].median,
        "share_of_product": share["ratio"],
        "share_of_product_quartiles": share["ratio_quartiles"],
    }


def matrix_product(size: int, case: NetworkCase) -> Callable[[], jax.Array]:
    """Return the program of a product of two size x size matrices in the case's type."""
    key = jax.random.key(0)
    a = jax.random.normal(key, (size, size), DTYPES[case.dtype] or jnp.float32)
    multiply = jax.jit(jnp.matmul)
    return lambda: multiply(a, a)


def count_arithmetic(
    kind: str, case: NetworkCase, variables: dict, compiled: bool = True
) -> tuple[int, dict[str, float]]:
    """Return the multiply-adds in the program that JAX sees, and XLA's own analysis.

    Args:
        kind: "predict" or "train_step".
        case: The network and its input.
        variables: Of SAM.
        compiled: Whether to compile the program and analyse it; else the analysis is empty.
    """
    batch = random_batch(case)
    function: Any
    arguments: tuple
    if kind == "predict":
        model = samjax_model(case)
        variables = precompute(model, variables, case.input_size)
        function, arguments = jax.jit(model.apply), (variables, batch["image"])
    else:
        function = samjax_side.compiled_step(case)
        arguments = (samjax_side.initial_state(case, variables), batch)
    analysis = {}
    if compiled:
        analysis = function.lower(*arguments).compile().cost_analysis()
    return multiply_adds(function, *arguments), analysis


def spared_multiply_adds(case: NetworkCase) -> int:
    """Return the multiply-adds of the recurrence, forward, that the release executes and we not."""
    dtype = DTYPES[case.dtype] or jnp.float32
    module = AttentiveConvLSTM(case.features, case.timesteps, dtype=dtype)
    x = jax.ShapeDtypeStruct((case.batch, *case.grid, case.features), dtype)
    params = jax.eval_shape(module.init, jax.random.key(0), x)

    def release(params: dict, x: jax.Array) -> jax.Array:
        return as_coded.recurrence(params["params"], x, case.timesteps)

    return multiply_adds(release, params, x) - multiply_adds(module.apply, params, x)
