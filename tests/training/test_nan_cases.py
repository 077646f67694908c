"""The first step that is not finite is kept as it began, whole or not at all."""

from dataclasses import dataclass, field
from functools import partial

import flax.struct
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from samjax.errors import UserError
from samjax.parallel.mesh import make_mesh, put, replicated
from samjax.training import nan_cases
from samjax.training.metrics import Mean
from samjax.training.nan_cases import Case, Keeping, read_case, write_case


@flax.struct.dataclass
class State:
    step: jax.Array
    params: dict


@flax.struct.dataclass
class Metrics:
    loss: Mean
    gradient_norm: Mean


@partial(jax.jit, donate_argnums=0)
def step(state, batch):
    """A step whose loss is infinite as soon as its parameter reaches 0."""
    w = state.params["w"]
    one = jnp.ones(())
    metrics = Metrics(Mean((batch["image"].mean() / w).sum(), one), Mean(w.sum(), one))
    return State(state.step + 1, {"w": w - 1.0}), metrics


@dataclass
class Run:
    """Steps on a mesh, kept in a folder, with the names of the images of the data."""

    folder: object
    mesh: object = field(default_factory=make_mesh)

    def __post_init__(self):
        about = lambda index: {"images": [f"image{i}" for i in index], "config": {}}  # noqa: E731
        self.step = Keeping(step, self.mesh, self.folder / nan_cases.NAN, about)

    def go(self, steps):
        state = State(np.int32(0), {"w": np.full(3, 2.0, np.float32)})
        state = jax.device_put(state, replicated(self.mesh))
        for number in range(steps):
            image = np.full((8, 2, 2), number, np.float32)
            image[0] += 1
            batch = put({"index": np.arange(8, dtype=np.int32), "image": image}, self.mesh)
            state, _ = self.step(state, batch)
        return state


def test_the_state_before_the_step_and_the_batch_are_kept_of_the_first_bad_step(tmp_path, capsys):
    # 2, 1 and 0 before the steps 1, 2 and 3; step 4 would be as bad if it were on -0.
    state = Run(tmp_path).go(4)
    np.testing.assert_array_equal(state.params["w"], -2.0)  # what the step returns is its own
    case = read_case(tmp_path)
    assert (case.about["step"], case.about["not_finite"]) == (3, ["loss"])
    assert case.about["images"] == [f"image{i}" for i in range(8)]
    assert case.state["step"] == 2
    np.testing.assert_array_equal(case.state["params"]["w"], 0.0)
    np.testing.assert_array_equal(case.batch["image"][0], 3.0)
    np.testing.assert_array_equal(case.batch["image"][1:], 2.0)
    assert [path.name for path in (tmp_path / "nan").iterdir()] == ["step_3"]
    assert f"experiments.replay --workdir={tmp_path} --step=3" in capsys.readouterr().err


def test_finite_steps_keep_nothing(tmp_path):
    Run(tmp_path).go(2)
    with pytest.raises(UserError, match=r"keeps no step .* --debug-nans"):
        read_case(tmp_path)


CASE = Case({"step": 7, "config": {}}, {"params": {"w": np.ones(2)}}, {"index": np.arange(2)})


def test_a_case_that_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    write_case(tmp_path / "nan", CASE)
    other = Case(CASE.about, {"params": {"w": np.zeros(2)}}, {"index": object()})
    with pytest.raises(TypeError):
        write_case(tmp_path / "nan", other)
    assert [path.name for path in (tmp_path / "nan").iterdir()] == ["step_7"]
    np.testing.assert_array_equal(read_case(tmp_path, 7).state["params"]["w"], 1.0)


def test_a_step_that_is_not_kept_and_a_damaged_one_are_told(tmp_path):
    folder = write_case(tmp_path / "nan", CASE)
    with pytest.raises(UserError, match=r"--step=8 is not kept in .*; there are 7"):
        read_case(tmp_path, 8)
    whole = (folder / nan_cases.STATE).read_bytes()
    (folder / nan_cases.STATE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="step_7 is damaged"):
        read_case(tmp_path)
