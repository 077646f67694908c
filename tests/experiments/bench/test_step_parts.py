"""The parts of a step: all of its time, by the module and the pass that it is of."""

import pytest

from experiments.bench import cost_table, step_parts
from experiments.bench.case import NetworkCase
from experiments.bench.plan import make_plan

TINY = NetworkCase("vgg_tiny", features=16, timesteps=2, gaussians=4, input_size=(32, 40))


@pytest.mark.parametrize(
    ("origin", "part"),
    [
        ("jit(train_step)/jvp(SAM)/backbone/block3_conv1/dot_general", "block 3"),
        ("jit(f)/SAM/SAM._attend/attentive_convlstm/closed_call/cell/mul", "recurrence, timesteps"),
        ("jit(f)/attentive_convlstm/attentive_convlstm._feature_terms/dot", "recurrence, once"),
        (
            "jit(train_step)/transpose(jvp(SAM))/SAM._head/prior_block1/add",
            "gradient of head",
        ),
        ("jit(train_step)/sqrt", "loss, optimiser"),
    ],
)
def test_an_operation_belongs_to_the_module_and_the_pass_it_was_traced_in(origin, part):
    assert step_parts.part_of(origin) == part


def test_a_traced_step_has_all_parts_of_the_network():
    plan = make_plan(quick=True)._replace(case=TINY)
    cells = dict(step_parts.measure(plan))
    step, predict = cells["train_step, batch 1"], cells["predict, batch 1"]
    forward = {"block 1", "block 5", "recurrence, once", "recurrence, timesteps", "head"}
    assert forward <= set(predict)
    assert not any(part.startswith("gradient") for part in predict)
    assert {f"gradient of {part}" for part in forward} <= set(step)
    assert "loss, optimiser" in step
    assert min([*step.values(), *predict.values()]) > 0
    assert "gradient of head" in cost_table.step_parts(cells)
