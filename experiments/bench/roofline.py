"""How near samjax comes to what the device can do: its arithmetic beside a large matrix product."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from experiments.bench import as_coded, samjax_side
from experiments.bench.arithmetic import multiply_adds
from experiments.bench.case import DTYPES, NetworkCase, batch_of, samjax_model, variables_of
from experiments.bench.plan import Plan
from experiments.bench.timing import interleaved, ratio, spread
from samjax.models.attentive_convlstm import AttentiveConvLSTM
from samjax.models.backend import resolve
from samjax.models.precompute import precompute


def measure(plan: Plan) -> dict:
    """Of prediction and training step: multiply-adds, bytes, and the share of a product's rate."""
    variables = variables_of(plan.case)
    size = 2048 if jax.default_backend() == "cpu" else 8192
    cells = {
        "predict": plan.case._replace(batch=plan.predict_batches[-1]),
        "train_step": plan.case._replace(batch=plan.train_batch),
    }
    return {
        f"{kind}, batch {case.batch}": _cell(kind, case, variables, size, plan.rounds)
        for kind, case in cells.items()
    }


def _cell(kind: str, case: NetworkCase, variables: dict, size: int, rounds: int) -> dict:
    ours = getattr(samjax_side, kind)(case, variables)
    timed = interleaved({kind: ours, "product": product(size, case)}, rounds)
    counted, xla = counts(kind, case, variables)
    # In bfloat16 no convolution is Winograd's.
    direct = case._replace(dtype="bfloat16")
    coded = counts(kind, direct, variables, compiled=False)[0]
    # Rate of the network over rate of the product, round by round.
    share = ratio(
        [counted * s for s in timed["product"].rounds],
        [size**3 * s for s in timed[kind].rounds],
    )
    return {
        "multiply_adds": counted,
        "multiply_adds_as_coded": coded + spared(direct) * (3 if kind == "train_step" else 1),
        "xla_multiply_adds": xla.get("flops", 0.0) / 2,
        "bytes_accessed": xla.get("bytes accessed", 0.0),
        **spread(timed[kind].rounds, "seconds"),
        "teraflops": 2e-12 * counted / timed[kind].median,
        "product_size": size,
        "product_teraflops": 2e-12 * size**3 / timed["product"].median,
        "share_of_product": share["ratio"],
        "share_of_product_quartiles": share["ratio_quartiles"],
    }


def product(size: int, case: NetworkCase) -> Callable:
    key = jax.random.key(0)
    a = jax.random.normal(key, (size, size), DTYPES[case.dtype] or jnp.float32)
    multiply = jax.jit(jnp.matmul)
    return lambda: multiply(a, a)


def counts(
    kind: str, case: NetworkCase, variables: dict, compiled: bool = True
) -> tuple[int, dict]:
    """Multiply-adds in the program that JAX sees, and XLA's own analysis of what it compiled."""
    batch = batch_of(case)
    if kind == "predict":
        model = samjax_model(case)
        variables = precompute(model, variables, case.input_size)
        function, arguments = jax.jit(model.apply), (variables, batch["image"])
    else:
        function = samjax_side.compiled_step(case)
        arguments = (samjax_side.initial_state(case, variables), batch)
    analysis = function.lower(*arguments).compile().cost_analysis() if compiled else {}
    return multiply_adds(function, *arguments), analysis


def spared(case: NetworkCase) -> int:
    """Multiply-adds that samjax's recurrence does not execute and the release's does, forward."""
    dtype = DTYPES[case.dtype] or jnp.float32
    module = AttentiveConvLSTM(case.features, case.timesteps, dtype=dtype, backend=resolve())
    x = jax.ShapeDtypeStruct((case.batch, *case.grid, case.features), dtype)
    params = jax.eval_shape(module.init, jax.random.key(0), x)
    coded = multiply_adds(
        lambda p, x: as_coded.recurrence(p["params"], x, case.timesteps), params, x
    )
    return coded - multiply_adds(module.apply, params, x)
