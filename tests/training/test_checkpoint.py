"""Checkpoints: kept by policy, checked on reading, partly readable, safe against a crash."""

import dataclasses
import shutil

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from samjax.errors import UserError
from samjax.training.checkpoint import Checkpoints
from samjax.training.record import DamagedError, MadeWith
from samjax.training.state import TrainState

LEAF = jax.sharding.SingleDeviceSharding(jax.devices()[0])


def state(value: float = 1.0, features: int = 3) -> TrainState:
    params = {
        "readout": {"kernel": jnp.full((2, features), float(value)), "bias": jnp.zeros(features)}
    }
    return TrainState(
        step=jnp.int32(value),
        params=params,
        batch_stats={},
        opt_state=(jnp.int32(1), {"mu": params}),
        ema={},
        best=jnp.float32(0),
        best_step=jnp.int32(0),
    )


def abstract(of: TrainState) -> TrainState:
    return jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=LEAF), of)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved")
    checkpoints = Checkpoints(folder, 2, MadeWith({"train": {"seed": 3}}, {"train": {}}))
    for step, score in [(1, -3.0), (2, -1.0), (3, None), (4, -2.0), (5, None)]:
        checkpoints.save(step, state(step), score)
    checkpoints.close()
    return folder


@pytest.fixture
def folder(saved, tmp_path):
    return shutil.copytree(saved, tmp_path / "checkpoints")


def test_the_latest_and_the_best_are_kept(folder):
    checkpoints = Checkpoints(folder)
    assert checkpoints.steps == [2, 4, 5]
    assert checkpoints.latest_step() == 5
    assert checkpoints.best_step == 2


def test_a_state_comes_back_as_it_was(folder):
    restored = Checkpoints(folder).restore(abstract(state()), 4)
    assert jax.tree.structure(restored) == jax.tree.structure(state())
    jax.tree.map(np.testing.assert_array_equal, restored, state(4))


def test_items_are_read_one_by_one(folder):
    items = Checkpoints(folder).load(("params", "ema"), 2)
    assert items["ema"] == {}
    np.testing.assert_array_equal(items["params"]["readout"]["kernel"], 2)


def test_a_wrong_shape_is_named_with_both_shapes(folder):
    with pytest.raises(UserError, match=r"params/readout/bias is \(\(3,\).*wants \(\(4,\)"):
        Checkpoints(folder).restore(abstract(state(features=4)))


def test_a_wrong_dtype_does_not_cast_silently(folder):
    wanted = abstract(state())
    step = jax.ShapeDtypeStruct((), jnp.float32, sharding=LEAF)
    with pytest.raises(UserError, match=r"int32.*float32"):
        Checkpoints(folder).restore(dataclasses.replace(wanted, step=step))


def test_each_carries_what_it_was_made_with(folder):
    checkpoints = Checkpoints(folder)
    assert [checkpoints.record(step).score for step in checkpoints.steps] == [-1.0, -2.0, None]
    assert {str(checkpoints.record(step).made_with.config) for step in checkpoints.steps} == {
        "{'train': {'seed': 3}}"
    }


def test_what_a_crash_left_half_written_neither_counts_nor_stays(folder):
    (folder / "saving-6").mkdir()
    (folder / "saving-7.orbax-checkpoint-tmp").mkdir()
    checkpoints = Checkpoints(folder)
    assert checkpoints.latest_step() == 5
    assert (folder / "saving-6").is_dir()  # reading changes nothing: a run may be writing it
    checkpoints.save(6, state(6))
    checkpoints.close()
    assert {path.name for path in folder.iterdir()} == {"2", "5", "6"}


def test_a_step_is_saved_once_and_again_with_its_score(folder):
    checkpoints = Checkpoints(folder)
    checkpoints.save(5, state(50))
    checkpoints.save(5, state(51), score=-3.0, unlogged=[{"loss": 1.0}])
    checkpoints.save(5, state(52), score=-3.0)
    checkpoints.close()
    assert checkpoints.steps == [2, 4, 5]
    assert checkpoints.is_scored(5)
    assert checkpoints.unlogged(5) == [{"loss": 1.0}]
    assert checkpoints.restore(abstract(state())).step == 51


@pytest.mark.parametrize("part", ["params", "opt_state"])
def test_a_state_that_is_not_finite_is_not_saved(folder, part):
    bad = state(6)
    values = jax.tree.map(lambda x: jnp.full_like(x, jnp.inf), getattr(bad, part))
    checkpoints = Checkpoints(folder)
    message = rf"after step 6 {part} is not finite, .*; the latest checkpoint is that of step 5;"
    with pytest.raises(UserError, match=message):
        checkpoints.save(6, dataclasses.replace(bad, **{part: values}))
    assert checkpoints.steps == [2, 4, 5]


def test_a_best_score_that_is_not_there_yet_is_no_fault(tmp_path):
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(1, dataclasses.replace(state(), best=jnp.float32(-jnp.inf)))
    checkpoints.close()
    assert checkpoints.steps == [1]


def test_the_newest_whole_one_is_found_and_damaged_ones_are_told(folder):
    next((folder / "5/params/d").iterdir()).write_bytes(b"")
    found = Checkpoints(folder).find()
    assert found.newest.step == 4
    assert [error.path.name for error in found.damaged] == ["5"]


def test_the_best_is_not_known_while_a_record_is_damaged(folder):
    (folder / "4/samjax.json").write_text("{}")
    with pytest.raises(DamagedError, match=r"4 is damaged: samjax.json cannot be read"):
        _ = Checkpoints(folder).best_step


def test_a_failure_to_write_is_told_by_the_next_call_in_one_line(tmp_path, capfd):
    checkpoints = Checkpoints(tmp_path / "file" / "checkpoints")
    checkpoints.save(1, state())
    checkpoints.wait()
    (checkpoints.folder / "2").write_text("in the way of the next one")
    checkpoints.save(2, state(2))
    with pytest.raises(UserError, match=r"step 2 could not be written .* of step 1; make room"):
        checkpoints.close()
    assert capfd.readouterr().err == ""
