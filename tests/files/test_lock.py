"""A folder is held by one process, and is free again however that one ends."""

import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace

import pytest

from samjax.errors import UserError
from samjax.files.holder import Holder
from samjax.files.lock import LOCK, locked

HOLD = """
import sys
from pathlib import Path
if sys.argv[2:]:
    import errno, fcntl
    def flock(*_):
        raise OSError(int(sys.argv[2]), "no locks")
    fcntl.flock = flock
from samjax.files.lock import locked
with locked(Path(sys.argv[1]), "wait"):
    print("held", flush=True)
    sys.stdin.read()
"""
KINDS = [(), (errno.ENOSYS,), (errno.ENOLCK,), (errno.EOPNOTSUPP,)]


@pytest.fixture(params=KINDS, ids=["flock", "ENOSYS", "ENOLCK", "EOPNOTSUPP"])
def no_locks(request, monkeypatch):
    """The error with which the file system answers, if it has no locks."""

    def flock(*_):
        raise OSError(*request.param, "no locks")

    if request.param:
        monkeypatch.setattr(fcntl, "flock", flock)
    return request.param


def hold(folder, no_locks) -> subprocess.Popen:
    command = [sys.executable, "-c", HOLD, str(folder), *map(str, no_locks)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def write(folder, **changed) -> None:
    holder = replace(Holder.this_process(), **changed)
    (folder / LOCK).write_text(json.dumps(holder.to_dict()))


@pytest.mark.parametrize("end", ["finished", "killed"])
def test_another_process_is_refused_until_the_holder_ends(tmp_path, no_locks, end):
    with hold(tmp_path, no_locks) as process:
        who = rf"\(process {process.pid} on {socket.gethostname()}, since 20\d\d-.*\)"
        with (
            pytest.raises(UserError, match=rf"{tmp_path} {who}; choose$"),
            locked(tmp_path, "choose"),
        ):
            pass
        if end == "finished":
            process.stdin.close()
        else:
            process.send_signal(signal.SIGKILL)
        process.wait()
        with locked(tmp_path, "choose"):
            assert str(os.getpid()) in (tmp_path / LOCK).read_text()
    assert list(tmp_path.iterdir()) == []


def test_a_failure_in_the_block_releases(tmp_path, no_locks):
    with pytest.raises(KeyError), locked(tmp_path, ""):
        raise KeyError
    with locked(tmp_path, ""):
        pass


def test_a_folder_that_the_block_removes_is_no_failure(tmp_path, no_locks):
    folder = tmp_path / "made"
    folder.mkdir()
    with locked(folder, ""):
        (folder / LOCK).unlink()
        folder.rmdir()


@pytest.mark.parametrize(
    ("changed", "free"),
    [
        ({"started": "1"}, True),  # the number belongs to another process by now
        ({"place": "an-earlier-start pid:[1]"}, True),
        ({"host": "elsewhere", "place": "another-machine pid:[1]"}, False),
        ({}, False),
    ],
)
def test_without_locks_a_file_that_was_left_is_judged_by_its_process(
    tmp_path, monkeypatch, changed, free
):
    def flock(*_):
        raise OSError(errno.ENOSYS, "no locks")

    monkeypatch.setattr(fcntl, "flock", flock)
    write(tmp_path, **changed)
    if free:
        with locked(tmp_path, "wait"):
            pass
        assert list(tmp_path.iterdir()) == []
        return
    with pytest.raises(UserError) as caught, locked(tmp_path, "wait"):
        pass
    # What cannot be told from here is left to the user, with the file to remove.
    assert (f"or remove {tmp_path / LOCK} if that run is no more" in str(caught.value)) == bool(
        changed
    )


def test_without_locks_a_file_that_names_nobody_is_told(tmp_path, monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOSYS, "no locks")

    monkeypatch.setattr(fcntl, "flock", flock)
    (tmp_path / LOCK).write_bytes(b"{half")
    with pytest.raises(UserError, match=r"or remove .*lock if"), locked(tmp_path, "wait"):
        pass


def test_with_locks_what_a_file_says_does_not_matter(tmp_path):
    write(tmp_path, host="elsewhere", place="another-machine pid:[1]")
    with locked(tmp_path, "wait"):
        pass


def test_of_many_that_start_at_once_one_holds(tmp_path, no_locks):
    folder = tmp_path / "folder"
    folder.mkdir()
    write(folder, started="1")  # all of them find a file that was left
    # Whoever holds the folder makes a folder that must not be there yet.
    alone = f"import os, time; os.mkdir({str(tmp_path / 'one')!r}); time.sleep(0.5); "
    alone += f"os.rmdir({str(tmp_path / 'one')!r})"
    program = HOLD.replace("sys.stdin.read()", alone)
    command = [sys.executable, "-c", program, str(folder), *map(str, no_locks)]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    outputs = [process.communicate(timeout=300) for process in processes]
    held = sum(process.returncode == 0 for process in processes)
    assert held >= 1
    assert sum("another run is writing" in err for _, err in outputs) == len(processes) - held


def test_a_full_disk_is_told_and_leaves_no_file(tmp_path, no_locks, monkeypatch):
    def fsync(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    told = rf"{LOCK} cannot be written \(No space left on device\); make room"
    with pytest.raises(UserError, match=told), locked(tmp_path, "wait"):
        pass
    assert list(tmp_path.iterdir()) == []
