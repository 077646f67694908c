"""A run at an address goes on from there, on whatever machine, as in a folder."""

import shutil
from pathlib import Path

import fsspec
import jax
import numpy as np
import pytest
from s3_server import s3, s3_server
from tiny_training import tiny_config

from samjax.errors import UserError
from samjax.prediction.choice import read_choice
from samjax.training.checkpoint import Checkpoints
from samjax.training.loop import train
from samjax.training.metrics_file import METRICS, read_lines
from samjax.training.restore import read_weights
from samjax.training.work_folder import RULES, TakenOverError, opened, publish

__all__ = ["s3", "s3_server"]


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SAMJAX_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def memory(tmp_path) -> str:
    return f"memory://{tmp_path.name}/runs"


def put(folder: Path, address: str) -> None:
    fsspec.core.url_to_fs(address)[0].put(f"{folder}/", f"{address}/", recursive=True)


def same_weights(a, b) -> bool:
    jax.tree.map(np.testing.assert_array_equal, a.variables, b.variables)
    return a.origin == b.origin


def test_a_killed_run_goes_on_at_its_address_as_one_that_was_not(
    scenes, trained_workdir, memory, tmp_path
):
    """The machine was lost after step 9, and within the copying of the next checkpoint."""
    left = tmp_path / "left"
    shutil.copytree(trained_workdir, left)
    (left / "checkpoints" / "12" / "samjax.json").unlink()
    address = f"{memory}/trained"
    put(left, address)
    with opened(address, writes_run=True) as folder:
        assert Checkpoints(folder / "checkpoints").steps[-1] == 9
        train(tiny_config(scenes), folder)
    assert not folder.exists()
    # Another machine: nothing but the address is left.
    shutil.rmtree(tmp_path / "cache")
    with opened(address) as folder:
        assert folder.name == "trained"
        names = ("params", "batch_stats", "opt_state", "ema")
        ours, whole = (
            jax.device_get(Checkpoints(f / "checkpoints").load(names, 12))
            for f in (folder, trained_workdir)
        )
        jax.tree.map(np.testing.assert_array_equal, ours, whole)
        lines, expected = (
            [(line.step, line.kind) for line in read_lines(f / METRICS)[0]]
            for f in (folder, trained_workdir)
        )
        assert lines == expected
    assert same_weights(read_choice(address), read_weights(trained_workdir))


def test_weights_and_files_of_an_evaluation_at_a_bucket(s3, trained_workdir):
    address = f"{s3}/runs/trained"
    with opened(address, writes_run=True) as folder:
        shutil.copytree(trained_workdir, folder, dirs_exist_ok=True)
        publish(folder / "checkpoints")
        store = fsspec.filesystem("s3")
        assert store.exists(f"{address}/checkpoints/12/samjax.json")
    assert same_weights(read_choice(address), read_weights(trained_workdir))
    with opened(address) as folder:
        (folder / "evaluation").mkdir(exist_ok=True)
        (folder / "evaluation" / "a.json").write_text("{}", "utf-8")
        shutil.rmtree(folder / "checkpoints")  # who only looks at a run removes nothing of it
    store.invalidate_cache()
    assert store.cat_file(f"{address}/evaluation/a.json") == b"{}"
    assert store.exists(f"{address}/checkpoints/12/samjax.json")


def test_a_bucket_that_is_not_there_is_one_line(s3):
    told = r"no-such-bucket/run.* cannot be written \("
    with pytest.raises(UserError, match=told), opened("s3://no-such-bucket/run", writes_run=True):
        pass


def test_a_run_that_was_taken_over_ends_and_leaves_the_address(memory):
    address = f"{memory}/taken"
    store = fsspec.filesystem("memory")

    def run() -> None:
        with opened(address, writes_run=True) as folder:
            (folder / "metrics.jsonl").write_text("ours\n", "utf-8")
            publish(folder)
            store.pipe_file(f"{address}/.owner", b"another\n")
            store.pipe_file(f"{address}/metrics.jsonl", b"theirs\n")
            (folder / "metrics.jsonl").write_text("ours again\n", "utf-8")
            publish(folder)

    with pytest.raises(TakenOverError, match="taken over by another run"):
        run()
    assert store.cat_file(f"{address}/metrics.jsonl") == b"theirs\n"


def test_two_runs_of_one_machine_cannot_write_at_one_address(memory):
    second = opened(f"{memory}/one", writes_run=True)
    with (
        opened(f"{memory}/one", writes_run=True),
        pytest.raises(UserError, match="another run is writing in"),
    ):
        second.__enter__()


def test_a_lost_connection_is_told_and_ends_no_training(memory, monkeypatch, capsys):
    store = type(fsspec.filesystem("memory"))

    def refuse(*_, **__):
        raise ConnectionError("unreachable")

    with opened(f"{memory}/lost", writes_run=True) as folder:
        (folder / "metrics.jsonl").write_text("line\n", "utf-8")
        with monkeypatch.context() as patch:
            patch.setattr(store, "put_file", refuse)
            publish(folder)
    assert "unreachable); it is tried again with the next checkpoint" in capsys.readouterr().err
    assert store().cat_file(f"{memory}/lost/metrics.jsonl") == b"line\n"


def test_where_the_end_cannot_be_copied_the_files_stay_and_are_named(memory, monkeypatch):
    store = type(fsspec.filesystem("memory"))

    def refuse(*_, **__):
        raise ConnectionError("unreachable")

    entered = opened(f"{memory}/lost", writes_run=True)
    folder = entered.__enter__()
    (folder / "metrics.jsonl").write_text("line\n", "utf-8")
    monkeypatch.setattr(store, "put_file", refuse)
    with pytest.raises(UserError, match=r"what is not there yet is in .*/lost$") as told:
        entered.__exit__(None, None, None)
    assert str(folder) in str(told.value)
    assert (folder / "metrics.jsonl").read_text("utf-8") == "line\n"


def test_nothing_at_an_address_is_told_to_who_reads(memory):
    with pytest.raises(UserError, match="there is no work folder; train into it first"):
        read_weights(f"{memory}/none")


def test_an_address_without_a_folder_is_refused():
    with pytest.raises(UserError, match="names no folder"), opened("memory://", writes_run=True):
        pass


def test_an_ordinary_folder_is_itself(tmp_path):
    with opened(tmp_path / "run", writes_run=True) as folder:
        assert folder == tmp_path / "run"
        publish(folder)
    assert not folder.exists()


def test_what_is_copied():
    assert RULES.needs_marker("checkpoints/8/params/_METADATA") == "checkpoints/8/samjax.json"
    marker = "points/T2/checkpoints/8/samjax.json"
    assert RULES.needs_marker("points/T2/checkpoints/8/params/d/0") == marker
    assert RULES.is_marker(marker)
    assert not RULES.needs_marker("config.json")
    assert not RULES.needs_marker("evaluation/a.csv")
    assert RULES.ignores("checkpoints/saving-9/params/d")
    assert RULES.ignores(".lock")
    assert not RULES.ignores("checkpoints/9/params/d")
