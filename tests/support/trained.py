"""Miniatures that are trained once for all tests, in whichever process of the suite asks first.

The folders are shared: a test that changes anything copies them before.
"""

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_training import prepare, tiny_config

from samjax.training.loop import train


def build_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]
) -> Path:
    """Return a folder that is built once per run of the suite, whatever the number of processes.

    Args:
        tmp_path_factory: pytest's.
        name: The folder's name, the same in all processes.
        build: Fills the folder, which is there and empty.
    """
    root = tmp_path_factory.getbasetemp()
    if root.name.startswith("popen-"):  # the folder of one of several processes
        root = root.parent
    folder, complete = root / name, root / f"{name}.complete"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the others wait here until it is built
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that failed
            folder.mkdir()
            build(folder)
            complete.touch()
    return folder


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the prepared dataset that the shared miniatures are trained on."""
    return build_once(tmp_path_factory, "scenes", prepare)


@pytest.fixture(scope="session")
def trained_workdir(scenes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The work folder of one run of `tiny_config(scenes)`: 12 steps, an evaluation every 3."""
    config = tiny_config(scenes)
    return build_once(tmp_path_factory, "trained", lambda folder: train(config, folder))
