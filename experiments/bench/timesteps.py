"""What a timestep costs: the recurrence alone, by the number of steps.

samjax beside the equations as the release computes them, in plain JAX and in PyTorch.
"""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from experiments.bench import as_coded, contenders
from experiments.bench.case import DTYPES, NetworkCase, variables_of
from experiments.bench.plan import Plan, has_torch
from experiments.bench.timing import Timed, interleaved, ratio, spread
from samjax.models.attentive_convlstm import AttentiveConvLSTM
from samjax.models.backend import resolve

GRADIENT_STEPS = (1, 2, 4)


def measure(plan: Plan) -> dict:
    """{"forward" or "gradient": {"seconds": by contender and T, "marginal": of a further step}}."""
    variables, rounds = variables_of(plan.case), max(2, plan.rounds - 1)
    counts = {"forward": plan.timesteps, "gradient": GRADIENT_STEPS}
    return {kind: _costs(kind, plan.case, variables, counts[kind], rounds) for kind in counts}


def _costs(
    kind: str, case: NetworkCase, variables: dict, counts: tuple[int, ...], rounds: int
) -> dict:
    programs = {
        (name, t): program
        for t in counts
        for name, program in _programs(kind, case._replace(timesteps=t), variables).items()
    }
    timed = interleaved(programs, rounds)
    for t in counts:
        contenders.agreement({n: found for (n, steps), found in timed.items() if steps == t}, case)
    return {"timesteps": list(counts)} | summary(timed, counts)


def summary(timed: dict[tuple[str, int], Timed], counts: tuple[int, ...]) -> dict:
    """Medians, and the slope over T of each round's seconds."""
    names = list(dict.fromkeys(name for name, _ in timed))
    rounds = {name: np.array([timed[name, t].rounds for t in counts]) for name in names}
    slopes = {name: np.polyfit(counts, seconds, 1)[0] for name, seconds in rounds.items()}
    ours = slopes[contenders.OURS]
    return {
        "seconds": {name: np.median(s, axis=1).tolist() for name, s in rounds.items()},
        "marginal": {name: spread(slope, "seconds") for name, slope in slopes.items()},
        "shares": {n: ratio(ours, s) for n, s in slopes.items() if n != contenders.OURS},
    }


def _programs(kind: str, case: NetworkCase, variables: dict) -> dict[str, Callable]:
    """{contender: call that gives {"hidden"} or, of its sum, the gradient {"of x", ...}}."""
    shape = (case.batch, *case.grid, case.features)
    features = np.random.default_rng(0).random(shape, np.float32)
    x = jnp.asarray(features, DTYPES[case.dtype])
    params = jax.device_put(variables["params"]["attentive_convlstm"])
    programs = {
        name: partial(jax.jit(partial(_SIDES[kind], function)), params, x)
        for name, function in _recurrences(case).items()
    }
    if has_torch():
        from experiments.bench import torch_side

        program = torch_side.recurrence(kind, case, variables, features)
        programs["pytorch as coded"] = program
    return programs


def _recurrences(case: NetworkCase) -> dict[str, Callable]:
    """Functions of (params, x) -> the last hidden state, in JAX."""
    module = AttentiveConvLSTM(
        case.features, case.timesteps, dtype=DTYPES[case.dtype], backend=resolve()
    )
    return {
        contenders.OURS: lambda params, x: module.apply({"params": params}, x).hidden[:, -1],
        "jax as coded": lambda params, x: as_coded.recurrence(params, x, case.timesteps),
    }


def _forward(function: Callable, params: dict, x: jax.Array) -> dict[str, jax.Array]:
    return {"hidden": function(params, x)}


def _gradient(function: Callable, params: dict, x: jax.Array) -> dict[str, jax.Array]:
    """All gradients, as training needs them; that of x is compared."""

    def total(params, x):
        return function(params, x).astype(jnp.float32).sum()

    of_params, of_x = jax.grad(total, (0, 1))(params, x)
    return {"of x": of_x, "of params": of_params}


_SIDES = {"forward": _forward, "gradient": _gradient}
