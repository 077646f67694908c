"""What a timestep costs: the recurrence alone, by its number of timesteps.

samjax beside the equations as the release codes them, in plain JAX and in PyTorch.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from experiments.bench import as_coded, contenders
from experiments.bench.case import DTYPES, NetworkCase, variables_of
from experiments.bench.cells import Cells, run_cells
from experiments.bench.plan import Plan
from experiments.bench.timing import Limits, Timed, interleaved, ratio, spread
from samjax.models.attentive_convlstm import AttentiveConvLSTM
from samjax.models.backend import resolve

GRADIENT_TIMESTEPS = (1, 2, 4)


def measure(plan: Plan) -> Cells:
    """Yield the cost of the recurrence, forward and with gradients.

    Yields:
        "forward" or "gradient" with "timesteps", "seconds": by contender and number of timesteps,
        "marginal": of a further timestep, "shares": samjax's marginal cost over another's.
    """
    variables = variables_of(plan.case)
    few = tuple(t for t in plan.timesteps if t in GRADIENT_TIMESTEPS)
    counts = {"forward": plan.timesteps, "gradient": few}
    measures = {
        kind: partial(_measure_costs, kind, plan.case, variables, numbers, plan.limits)
        for kind, numbers in counts.items()
    }
    yield from run_cells(measures, plan)


def _measure_costs(
    kind: str, case: NetworkCase, variables: dict, counts: tuple[int, ...], limits: Limits
) -> dict[str, Any]:
    """Time all contenders at all numbers of timesteps in turn, and check that they agree."""
    programs = {}
    for t in counts:
        for name, program in _make_programs(kind, case._replace(timesteps=t), variables).items():
            programs[name, t] = program
    timed = interleaved(programs, limits)
    for t in counts:
        same_count = {name: timing for (name, count), timing in timed.items() if count == t}
        contenders.check_agreement(same_count, case)
    return {"timesteps": list(counts)} | summarise(timed, counts)


def summarise(timed: dict[tuple[str, int], Timed], counts: tuple[int, ...]) -> dict[str, Any]:
    """Return medians, and the slope over the timesteps of each round's seconds.

    Args:
        timed: The timings by contender and number of timesteps.
        counts: The numbers of timesteps.
    """
    names = list(dict.fromkeys(name for name, _ in timed))
    seconds = {name: np.array([timed[name, t].rounds for t in counts]) for name in names}
    # A straight line through each round; its slope is the cost of a further timestep.
    slopes = {name: np.polyfit(counts, rounds, 1)[0] for name, rounds in seconds.items()}
    ours = slopes[contenders.OURS]
    others = {name: slope for name, slope in slopes.items() if name != contenders.OURS}
    return {
        "seconds": {name: np.median(rounds, axis=1).tolist() for name, rounds in seconds.items()},
        "marginal": {name: spread(slope, "seconds") for name, slope in slopes.items()},
        "shares": {name: ratio(ours, slope) for name, slope in others.items()},
    }


def _make_programs(kind: str, case: NetworkCase, variables: dict) -> dict[str, Callable]:
    """Return each contender's program, which gives {"hidden"}, or its gradients {"of x", ...}."""
    shape = (case.batch, *case.grid, case.features)
    features = np.random.default_rng(0).random(shape, np.float32)
    x = jnp.asarray(features, DTYPES[case.dtype])
    params = jax.device_put(variables["params"]["attentive_convlstm"])
    programs: dict[str, Callable] = {}
    for name, function in _recurrences(case).items():
        programs[name] = partial(jax.jit(partial(PASSES[kind], function)), params, x)
    if contenders.has_torch():
        from experiments.bench import torch_side

        program = torch_side.recurrence(kind, case, variables, features)
        programs["pytorch as coded"] = program
    return programs


def _recurrences(case: NetworkCase) -> dict[str, Callable]:
    """Return the functions in JAX of (params, x) that give the last hidden state [B, h, w, F]."""
    module = AttentiveConvLSTM(
        case.features, case.timesteps, dtype=DTYPES[case.dtype], backend=resolve()
    )

    def ours(params: dict, x: jax.Array) -> jax.Array:
        output: Any = module.apply({"params": params}, x)
        return output.hidden[:, -1]

    def coded(params: dict, x: jax.Array) -> jax.Array:
        return as_coded.recurrence(params, x, case.timesteps)

    return {contenders.OURS: ours, "jax as coded": coded}


def _forward(function: Callable, params: dict, x: jax.Array) -> dict[str, jax.Array]:
    return {"hidden": function(params, x)}


def _gradient(function: Callable, params: dict, x: jax.Array) -> dict[str, Any]:
    """Return all gradients of the sum, as training needs them; only that of x is compared."""

    def total(params: dict, x: jax.Array) -> jax.Array:
        return function(params, x).astype(jnp.float32).sum()

    of_params, of_x = jax.grad(total, (0, 1))(params, x)
    return {"of x": of_x, "of params": of_params}


PASSES = {"forward": _forward, "gradient": _gradient}
