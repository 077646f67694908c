"""Work folders as if they had been made with another config."""

from collections.abc import Callable
from pathlib import Path

from ml_collections import ConfigDict

from samjax.training.config_file import save_config
from samjax.training.record import MadeWith, read_record, write_record
from samjax.training.restore import read_config


def reconfigure(workdir: Path, change: Callable[[ConfigDict], object]) -> None:
    """Change the config of a work folder, and of the checkpoints in it.

    Args:
        workdir: A copy: shared folders must not change.
        change: Changes the config that it is given.
    """
    config = read_config(workdir)
    with config.unlocked():
        change(config)
    save_config(config, workdir)
    for folder in (workdir / "checkpoints").iterdir():
        if folder.name.isdecimal():
            record = read_record(folder)
            made_with = MadeWith(config.to_dict(), record.made_with.data)
            write_record(folder, record._replace(made_with=made_with))
