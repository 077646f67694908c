"""An interrupted run keeps its finished shards, and the next one goes on from them."""

import fcntl
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from published_files import assert_equal, dataset, loaded, pause_at, write_files

from samjax.data.prepare.from_published import prepare_published
from samjax.data.prepare.staging import final_place, fresh_folder
from samjax.errors import UserError

SUPPORT = Path(__file__).parents[2] / "support"
TRAIN, VALIDATION = 12, 2
IN_BATCH = 8  # images that a worker process loads at once


@pytest.fixture
def data_dir(tmp_path):
    return tmp_path / "data"


@pytest.mark.parametrize("name", ["", "Mine", "my-data", "../mine", "1st"])
def test_a_name_that_tfds_cannot_use_is_refused(data_dir, name):
    with pytest.raises(UserError, match="lower-case"):
        final_place(name, data_dir, overwrite=False)


def test_a_fresh_folder_is_gone_after_a_failure_and_moved_after_success(data_dir):
    with pytest.raises(KeyError), fresh_folder("mine", data_dir, overwrite=False):
        raise KeyError
    assert not data_dir.exists()
    with fresh_folder("mine", data_dir, overwrite=False) as folder:
        (folder / "mine" / "1.0.0").mkdir(parents=True)
    assert [path.relative_to(data_dir).as_posix() for path in data_dir.rglob("*")] == [
        "mine",
        "mine/1.0.0",
    ]


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
sys.path.insert(0, {support!r})
if __name__ == "__main__":
    from published_files import dataset
    from samjax.data.prepare.from_published import prepare_published
    prepare_published(dataset(), {source!r}, data_dir={data_dir!r}, jobs={jobs}, shard_bytes=1)
"""


def start(tmp_path, data_dir, jobs: int) -> tuple[Path, subprocess.Popen]:
    """Start a process that prepares a shard for each image and waits after the first batch."""
    source = write_files(tmp_path / "raw", TRAIN, VALIDATION)
    pause_at(source, f"t{IN_BATCH:03d}")
    program = tmp_path / "run.py"
    places = {
        "support": str(SUPPORT),
        "source": str(source),
        "data_dir": str(data_dir),
        "jobs": jobs,
    }
    program.write_text(RUN.format(**places))
    command = [sys.executable, str(program)]
    return source, subprocess.Popen(command, text=True, stderr=subprocess.PIPE)


def wait_for_first_batch(shards: Path, process: subprocess.Popen) -> None:
    while len(list(shards.glob("*.json"))) < IN_BATCH and process.poll() is None:
        time.sleep(0.01)


def test_a_killed_run_goes_on_and_gives_the_same(tmp_path, data_dir):
    shards = data_dir / ".tiny_2020.incomplete" / "shards"
    source, process = start(tmp_path, data_dir, jobs=1)
    with process:
        wait_for_first_batch(shards, process)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert len(list(shards.glob("*.json"))) == IN_BATCH
    pause_at(source, None)
    loaded(source)
    resumed = prepare_published(dataset(), source, data_dir=data_dir, shard_bytes=1)
    assert loaded(source) == ["t008", "t009", "t010", "t011", "v000", "v001"]
    whole = prepare_published(dataset(), source, data_dir=tmp_path / "whole")
    assert_equal(resumed, whole)
    assert list(data_dir.iterdir()) == [data_dir / "tiny_2020"]


def test_a_terminated_run_of_two_processes_tells_what_it_keeps(tmp_path, data_dir):
    source, process = start(tmp_path, data_dir, jobs=2)
    shards = data_dir / ".tiny_2020.incomplete" / "shards"
    wait_for_first_batch(shards, process)
    process.send_signal(signal.SIGTERM)
    pause_at(source, None)  # a worker finishes its batch before it ends
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 128 + signal.SIGTERM
    finished = len(list(shards.glob("*.json")))
    assert f"{finished} finished shards are kept in {shards.parent}" in errors
    assert "Traceback" not in errors
    assert not list(shards.glob("*.tmp"))
    resumed = prepare_published(dataset(), source, data_dir=data_dir, shard_bytes=1)
    assert_equal(resumed, prepare_published(dataset(), source, data_dir=tmp_path / "whole"))
