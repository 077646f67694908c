"""A benchmark keeps to its time and its order, and goes on where it was interrupted."""

import json
from types import SimpleNamespace

import pytest

from experiments.bench import runner, schedule
from experiments.bench.budget import Budget, seconds_of
from experiments.bench.cells import LEFT_OUT, UNDER_WAY, run_cells
from experiments.bench.plan import make_plan
from samjax.errors import UserError

PLAN = make_plan(["sam-vgg"], quick=True)


@pytest.fixture
def subjects(monkeypatch):
    """Replace what measures subjects; a function is called for each cell's values."""

    def replace(**measures):
        def import_module(name):
            return SimpleNamespace(measure=measures[name.rpartition(".")[2]])

        monkeypatch.setattr(runner, "importlib", SimpleNamespace(import_module=import_module))

    return replace


@pytest.fixture
def memory(subjects):
    """A subject whose cells are counted, and interrupted when `stop_at` are measured."""
    state = SimpleNamespace(measured=[], stop_at=99)

    def measure(plan):
        def cell(kind, batch):
            if len(state.measured) == state.stop_at:
                raise KeyboardInterrupt
            state.measured.append((kind, batch))
            return {"samjax": 2**30}

        names = {f"{kind}, batch {batch}": (kind, batch) for kind, batch in plan.memory_tasks}
        yield from run_cells({n: lambda task=t: cell(*task) for n, t in names.items()}, plan)

    subjects(memory=measure)
    return state


def results(folder, subject):
    return json.loads((folder / f"{subject}.json").read_text())["results"]


def test_what_was_measured_before_an_interruption_is_kept(subjects, tmp_path, capsys):
    def stop(plan):
        raise KeyboardInterrupt

    subjects(pipeline=lambda plan: {"threads=0": {"rate": 2.5}}, metrics=stop)
    with pytest.raises(KeyboardInterrupt):
        runner.run_subjects(["pipeline", "metrics"], tmp_path, PLAN)
    content = json.loads((tmp_path / "pipeline.json").read_text())
    assert content["results"] == {"threads=0": {"rate": 2.5}}
    assert content["plan"]["case"]["backbone"] == "vgg16"
    assert "| threads=0 rate | 2.5 |" in (tmp_path / "benchmark.md").read_text()


def test_an_interrupted_benchmark_goes_on_and_measures_nothing_twice(memory, tmp_path, capsys):
    memory.stop_at = 2
    with pytest.raises(KeyboardInterrupt):
        runner.run_subjects(["memory"], tmp_path, PLAN)
    assert len(results(tmp_path, "memory")) == 2
    memory.stop_at = 99
    runner.run_subjects(["memory"], tmp_path, PLAN)
    assert sorted(memory.measured) == sorted(PLAN.memory_tasks)  # each once
    assert len(results(tmp_path, "memory")) == len(PLAN.memory_tasks)
    assert capsys.readouterr().err.count("kept from an earlier run") == 2
    runner.run_subjects(["memory"], tmp_path, PLAN, restart=True)
    assert len(memory.measured) == 2 * len(PLAN.memory_tasks)


@pytest.mark.parametrize("what", ["code", "plan", "versions"])
def test_what_was_measured_of_something_else_is_measured_anew(memory, tmp_path, capsys, what):
    runner.run_subjects(["memory"], tmp_path, PLAN)
    path = tmp_path / "memory.json"
    content = json.loads(path.read_text())
    content["machine" if what == "versions" else "date"] = content[
        "machine"
    ]  # a new day is nothing
    if what == "code":
        content["code"] = "another"
    elif what == "plan":
        content["plan"]["rounds"] += 1
    else:
        content["machine"]["versions"]["jax"] = "0.0.1"
    path.write_text(json.dumps(content))
    capsys.readouterr()
    runner.run_subjects(["memory"], tmp_path, PLAN)
    assert len(memory.measured) == 2 * len(PLAN.memory_tasks)
    told = {
        "code": "the code was another",
        "plan": "rounds in the plan was",
        "versions": "jax was 0.0.1",
    }
    assert f"memory.json is measured anew: {told[what]}" in capsys.readouterr().err


def test_what_does_not_fit_is_left_out_by_order_and_said(memory, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        schedule, "MEMORY_SECONDS", {"predict": (0.0, 1e3), "train_step": (0.0, 9.0)}
    )
    monkeypatch.setattr(schedule, "QUICK_SECONDS", 1e9)
    runner.run_subjects(["memory"], tmp_path, PLAN, seconds=1500.0)
    # What took no time here shows that everything is faster than told: so the second one fits.
    assert memory.measured[0] == ("predict", 1)
    memory.measured.clear()
    runner.run_subjects(["memory"], tmp_path, PLAN, seconds=500.0, restart=True)
    assert ("predict", 1) not in memory.measured
    assert ("train_step", 1) in memory.measured
    cells = results(tmp_path, "memory")
    assert "it takes about 1000 s, " in cells["predict, batch 1"][LEFT_OUT]
    output = capsys.readouterr()
    assert "memory, predict, batch 1: left out, it takes about 1000 s" in output.err
    assert "- predict, batch 1; predict, batch 8: left out: it takes" in output.out or (
        "- predict, batch 1: left out: it takes" in output.out
    )
    assert "the same command measures what was left out" in output.err


def test_the_steps_come_in_the_order_of_their_worth():
    steps = schedule.make_steps(["network", "memory"], make_plan())
    names = [step.name for step in steps if "bfloat16" not in step.name]
    assert names[:8] == [
        "SAM-VGG, predict, batch 1",
        "SAM-VGG, train_step, batch 1",
        "sam-small, predict, batch 1",
        "sam-small, predict, batch 8",
        "SAM-ResNet, predict, batch 1",
        "SAM-VGG, predict, batch 8",
        "SAM-ResNet, predict, batch 8",
        "UNISAL's size, predict, batch 1",
    ]
    assert names[-5] == "memory, train_step, batch 8"
    assert all("more contenders" in name for name in names[-4:])


def test_a_piece_may_take_what_those_behind_it_do_not_need():
    assert seconds_of(least=10, most=50, reserved=70, left=100) == 30
    assert seconds_of(least=10, most=50, reserved=95, left=100) == 10  # it comes first
    assert seconds_of(least=10, most=50, reserved=0, left=100) == 50
    assert seconds_of(least=10, most=50, reserved=0, left=9) == 0
    budget = Budget()
    budget.learn(expected=20, taken=60)
    assert budget.pace == 3
    assert budget.seconds_left(10) == 30


def test_an_unknown_subject_or_network_is_refused(tmp_path):
    with pytest.raises(
        UserError, match="network 'vgg16' is unknown; choose of sam-vgg, sam-resnet"
    ):
        make_plan(["vgg16"])
    with pytest.raises(UserError, match="subject 'speed' is unknown; choose of network"):
        runner.run_subjects(["speed"], tmp_path, PLAN)


def test_cells_of_other_networks_stay_where_some_are_measured(subjects, tmp_path):
    def measure(plan):
        yield from run_cells({task.name: lambda: {"contenders": {}} for task in plan.tasks}, plan)

    subjects(network=measure)
    for network in ("sam-vgg", "sam-resnet"):
        plan = make_plan([network], quick=True)
        runner.run_subjects(["network"], tmp_path, plan._replace(tasks=plan.tasks[:1]))
    names = results(tmp_path, "network")
    assert "SAM-VGG, predict, batch 1" in names
    assert "SAM-ResNet, predict, batch 1" in names


def test_a_subject_that_fails_is_a_line_and_the_rest_is_measured(subjects, tmp_path, capsys):
    def fail(plan):
        raise ValueError("no such scene")

    subjects(pipeline=fail, metrics=lambda plan: {"seconds_mit": 0.5})
    runner.run_subjects(["pipeline", "metrics"], tmp_path, PLAN)
    assert "- pipeline: failed: ValueError: no such scene" in capsys.readouterr().out
    assert results(tmp_path, "metrics") == {"seconds_mit": 0.5}


def test_what_an_interrupted_run_has_of_a_cell_stays_where_the_rest_does_not_fit(
    memory, tmp_path, monkeypatch
):
    runner.run_subjects(["memory"], tmp_path, PLAN)
    path = tmp_path / "memory.json"
    content = json.loads(path.read_text())
    content["results"]["predict, batch 8"][UNDER_WAY] = True
    path.write_text(json.dumps(content))
    runner.run_subjects(["memory"], tmp_path, PLAN, seconds=1.0)  # it takes more
    assert results(tmp_path, "memory") == content["results"]
    runner.run_subjects(["memory"], tmp_path, PLAN)
    assert UNDER_WAY not in results(tmp_path, "memory")["predict, batch 8"]


def test_the_parts_of_the_bundled_model_are_measured_where_no_full_network_is():
    assert make_plan(["sam-small", "unisal"]).case.weights
    assert not make_plan(["sam-small", "sam-resnet"]).case.weights
    assert make_plan(["sam-small", "sam-resnet"]).case.backbone == "resnet50"
    assert make_plan(["unisal"]).case.backbone == "vgg16"
