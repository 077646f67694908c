"""An interrupted run keeps its finished shards, and the next one goes on from them."""

import fcntl
import os
import signal
import subprocess
import sys
import time

import pytest
from published_files import assert_equal, dataset, loaded, write_files

from samjax.data.prepare.from_raw import prepare_published
from samjax.errors import UserError


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


def test_two_runs_at_once_do_not_mix(tmp_path, data_dir):
    source = write_files(tmp_path / "raw")
    folder = data_dir / ".tiny_2020.incomplete"
    folder.mkdir(parents=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="another run"):
            prepare_published(dataset(), source, data_dir=data_dir)
    assert prepare_published(dataset(), source, data_dir=data_dir).splits["train"] == 6


RUN = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from published_files import dataset
from samjax.data.prepare_raw import prepare_published
if __name__ == "__main__":
    prepare_published(dataset(), {source!r}, data_dir={data_dir!r}, jobs={jobs}, shard_bytes=1)
"""


def start(tmp_path, source, data_dir, jobs, **streams) -> subprocess.Popen:
    """Another process that prepares `source`, a shard for each image."""
    program = tmp_path / "run.py"
    places = {"source": str(source), "data_dir": str(data_dir), "jobs": jobs}
    program.write_text(RUN.format(tests=str(Path(__file__).parents[2] / "support"), **places))
    return subprocess.Popen([sys.executable, str(program)], text=True, **streams)


def wait_for_shards(shards, count):
    deadline = time.monotonic() + 60
    while len(list(shards.glob("*.json"))) < count and time.monotonic() < deadline:
        time.sleep(0.005)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_killed_run_goes_on_and_gives_the_same(tmp_path, data_dir, jobs):
    source = write_files(tmp_path / "raw", train=400)
    shards = data_dir / ".tiny_2020.incomplete" / "shards"
    with start(tmp_path, source, data_dir, jobs, stderr=subprocess.DEVNULL) as process:
        wait_for_shards(shards, 5)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    finished = {path.stem for path in shards.glob("*.json")}
    assert 5 <= len(finished) < 402
    loaded(source)
    resumed = prepare_published(dataset(), source, data_dir=data_dir, shard_bytes=1)
    again = loaded(source)
    assert len(again) == 402 - len(finished)
    assert not {int(name[1:]) for name in again if name[0] == "t"} & {
        int(name.split("-")[1]) for name in finished if name.startswith("train")
    }
    whole = prepare_published(dataset(), source, data_dir=tmp_path / "whole")
    assert_equal(resumed, whole)
    assert list(data_dir.iterdir()) == [data_dir / "tiny_2020"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupted_run_tells_what_it_keeps(tmp_path, data_dir, jobs):
    source = write_files(tmp_path / "raw", train=400)
    process = start(tmp_path, source, data_dir, jobs, stderr=subprocess.PIPE)
    shards = data_dir / ".tiny_2020.incomplete" / "shards"
    wait_for_shards(shards, 5)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    finished = len(list(shards.glob("*.json")))
    assert f"{finished} finished shards are kept in {shards.parent}" in errors
    assert "Traceback" not in errors
    assert not list(shards.glob("*.tmp"))
