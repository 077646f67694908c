"""The benchmark compares like with like: counted arithmetic, plain equations, PyTorch's network."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.bench import as_coded, contenders, plan, samjax_side, timing
from experiments.bench.arithmetic import multiply_adds
from experiments.bench.case import NetworkCase, variables_of
from samjax.errors import UserError
from samjax.models.attentive_convlstm import AttentiveConvLSTM

TINY = NetworkCase("vgg16", features=512, timesteps=2, gaussians=16, input_size=(32, 40))


def test_multiply_adds_of_products_and_convolutions_are_those_of_the_formula():
    a, b = jnp.ones((3, 4)), jnp.ones((4, 5))
    assert multiply_adds(lambda a, b: a @ b, a, b) == 3 * 4 * 5
    x, kernel = jnp.ones((2, 8, 9, 3)), jnp.ones((3, 3, 3, 7))

    def convolve(x, kernel):
        numbers = ("NHWC", "HWIO", "NHWC")
        return jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=numbers)

    assert multiply_adds(convolve, x, kernel) == 2 * 8 * 9 * 9 * 3 * 7


def test_a_scan_counts_each_of_its_steps():
    a = jnp.ones((4, 4))

    def steps(a):
        return jax.lax.scan(lambda c, _: (c @ a, None), a, length=5)[0]

    assert multiply_adds(steps, a) == 5 * 4**3


def test_a_further_timestep_costs_at_most_half_of_its_plain_equations():
    """Executed multiply-adds; what this brings in seconds is the benchmark's to say."""
    case = TINY._replace(input_size=(240, 320))
    params = jax.tree.map(
        lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype),
        variables_of(TINY)["params"]["attentive_convlstm"],
    )
    x = jax.ShapeDtypeStruct((1, *case.grid, 512), jnp.float32)

    def ours(t):
        module = AttentiveConvLSTM(512, t)
        return multiply_adds(lambda p, x: module.apply({"params": p}, x).hidden[:, -1], params, x)

    def coded(t):
        return multiply_adds(partial(as_coded.recurrence, timesteps=t), params, x)

    assert (ours(4) - ours(3)) / (coded(4) - coded(3)) <= 0.55


def test_the_plain_equations_give_the_recurrence():
    variables = variables_of(TINY)["params"]["attentive_convlstm"]
    x = jnp.asarray(np.random.default_rng(0).random((1, *TINY.grid, 512), np.float32))
    module = AttentiveConvLSTM(512, 2)
    ours = module.apply({"params": variables}, x).hidden[:, -1]
    coded = as_coded.recurrence(variables, x, 2)
    np.testing.assert_allclose(coded, ours, rtol=1e-3, atol=1e-5)


def test_networks_that_differ_are_not_compared():
    def timed(value):
        return timing.Timed(0.0, [1.0], {"saliency": np.full((2, 2), value)})

    same = {"samjax": timed(1.0), "pytorch eager": timed(1.00001)}
    assert contenders.agreement(same, TINY)["pytorch eager"]["saliency"] < 1e-4
    with pytest.raises(UserError, match="they are not the same network"):
        contenders.agreement({"samjax": timed(1.0), "pytorch eager": timed(1.01)}, TINY)


def test_programs_take_turns_and_report_their_spread():
    order = []
    programs = {name: lambda name=name: order.append(name) or np.zeros(1) for name in "ab"}
    timed = timing.interleaved(programs, 2)
    assert "".join(order) == "ab" + "aabb" + "bbaa"  # the first call of each turn is not counted
    assert timed["a"].summary().keys() >= {"seconds", "seconds_quartiles", "compile_seconds"}
    assert timing.ratio([2.0, 4.0], [1.0, 1.0])["ratio"] == 3.0


@pytest.mark.skipif(not plan.has_torch(), reason="PyTorch is not installed (extra: bench)")
@pytest.mark.parametrize("kind", ["predict", "train_step"])
@pytest.mark.parametrize("backbone", ["vgg16", "resnet50"])
def test_pytorchs_network_is_samjaxs(backbone, kind):
    from experiments.bench import torch_side

    case = TINY._replace(backbone=backbone)
    variables = variables_of(case)
    ours = getattr(samjax_side, kind)(case, variables)()
    theirs = getattr(torch_side, kind)(case, variables, "eager")()
    found = contenders.differences({"samjax": ours, "pytorch eager": theirs})["pytorch eager"]
    assert max(found.values()) < 1e-4, found
