"""Damaged checkpoints are told, and nothing wrong is used: a part of `tests.campaigns.damage`."""

import shutil

import jax
import pytest
from tiny_training import tiny_config

from samjax.errors import UserError
from samjax.training.restore import read_weights
from tests.campaigns import damaged as damage

# One file of each kind, by the end of its path in a checkpoint.
FILES = ("samjax.json", "_CHECKPOINT_METADATA", "ema/_METADATA", "params/manifest.ocdbt", "DATA")
FORMER = ("_CHECKPOINT_METADATA", "ema/_METADATA", "params/_METADATA")


def pairs(damages, files, first):
    """Every damage with two files, and every file with two or three damages.

    The campaign has all of them. Other pairs come with another first file.
    """
    chosen = [
        (how, files[(k + first + more) % len(files)])
        for k, how in enumerate(damages)
        for more in (0, 1)
    ]
    return [pytest.param(how, name, id=f"{how.__name__}-{name}") for how, name in chosen]


@pytest.fixture(scope="module")
def run(trained_workdir, scenes, tmp_path_factory):
    """The trained miniature, of which not the newest checkpoint is the best."""
    workdir = shutil.copytree(trained_workdir, tmp_path_factory.mktemp("damage") / "run")
    damage.make_best(workdir, 9)
    return damage.of_workdir(workdir, tiny_config(scenes))


@pytest.fixture
def copy(run, tmp_path):
    return shutil.copytree(run.workdir, tmp_path / "run")


def file_of(workdir, step, name):
    folder = workdir / "checkpoints" / str(step)
    if name == "DATA":
        return max((folder / "ema").rglob("*"), key=lambda path: path.stat().st_size)
    return folder / name


@pytest.mark.parametrize(("how", "name"), pairs(damage.DAMAGES, FILES, 0))
def test_resuming_falls_back_where_the_newest_is_damaged(run, copy, name, how):
    how(file_of(copy, run.newest, name))
    # Without its record it might be the best one.
    expected = "refused" if name == "samjax.json" else "right"
    assert damage.outcome(damage.load, run, copy)[0] == expected
    result, said = damage.outcome(damage.resume, run, copy)
    assert result == "fell back"
    told, resumes = said.splitlines()
    assert f"checkpoints/{run.newest} is damaged: " in told
    assert told.endswith(f"; it is set aside as damaged-{run.newest}")
    assert resumes == f"resuming from step {max(set(run.saved) - {run.newest})}"


@pytest.mark.parametrize(("how", "name"), pairs(damage.DAMAGES, FILES, 2))
def test_prediction_refuses_where_the_best_is_damaged_and_resuming_mends_it(run, copy, name, how):
    how(file_of(copy, run.best, name))
    result, said = damage.outcome(damage.load, run, copy)
    assert result == "refused"
    assert f"checkpoints/{run.best} is damaged: " in said
    assert "give the training command again" in said
    assert damage.outcome(damage.resume, run, copy)[0] == "right"
    # The best of the others is the only one that is left.
    assert read_weights(copy).origin == f"run, step {run.newest}"


def test_without_a_damage_everything_is_right(run, copy):
    assert damage.outcome(damage.load, run, copy) == ("right", "")
    result, said = damage.outcome(damage.resume, run, copy)
    assert (result, said) == ("right", f"resuming from step {run.newest}\n")


def test_a_run_does_not_begin_anew_where_no_checkpoint_is_whole(run, copy):
    for step in run.saved:
        damage.empty(file_of(copy, step, "DATA"))
    before = sorted(path.name for path in (copy / "checkpoints").iterdir())
    with pytest.raises(UserError, match=r"no checkpoint in .* is whole .* with --restart"):
        damage.resumed(run, copy)
    assert sorted(path.name for path in (copy / "checkpoints").iterdir()) == before


def test_a_refused_run_sets_nothing_aside(run, copy):
    damage.empty(file_of(copy, run.newest, "DATA"))
    config = run.experiment.config.copy_and_resolve_references()
    config.augment.flip = False
    other = damage.of_workdir(run.workdir, config)
    with pytest.raises(UserError, match=r"augment.flip True -> False"):
        damage.resumed(other, copy)
    assert (copy / "checkpoints" / str(run.newest)).is_dir()


@pytest.mark.parametrize(
    ("how", "name"),
    pairs([damage.remove, damage.empty, damage.cut, damage.garbage], FORMER, 0),
)
def test_checkpoints_of_former_versions_are_read_with_their_own_checks(run, copy, name, how):
    damage.as_former(copy)
    assert damage.outcome(damage.load, run, copy)[0] == "right"
    how(file_of(copy, run.newest, name))
    assert damage.outcome(damage.resume, run, copy)[0] == "fell back"


def test_a_former_best_one_without_its_average_is_refused(run, copy):
    damage.as_former(copy)
    shutil.rmtree(file_of(copy, run.best, "ema"))
    result, said = damage.outcome(damage.load, run, copy)
    assert result == "refused"
    assert f"{run.best} is damaged: ema/_METADATA cannot be read" in said


def test_the_state_of_the_run_is_compared_bit_for_bit(run):
    state, step = damage.resumed(run, run.workdir)
    assert damage.same_state(run, state, step)
    params = jax.tree.map(lambda a: a + 1, state.params)
    assert not damage.same_state(run, state.replace(params=params), step)
