"""What reads files that others made, with a good file for each reader, to be damaged.

A module of READER_MODULES has a tuple `READERS`. To add a reader of files is to add a row to one of
them, or a module here.
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

READER_MODULES = (
    "tests.campaigns.picture_readers",
    "tests.campaigns.map_readers",
    "tests.campaigns.weight_readers",
    "tests.campaigns.dataset_readers",
)


class Reader(NamedTuple):
    """A reader of one kind of file.

    Attributes:
        name: Of the reader, such as "map-npy".
        file: The name of the file, with the ending by which the program knows it; or of a folder.
        write: Writes a good file to a path, or makes a good folder there.
        read: Reads that path. It returns anything, or raises `UserError`.
    """

    name: str
    file: str
    write: Callable[[Path], object]
    read: Callable[[Path], object]


def all_readers() -> dict[str, Reader]:
    """Return the readers by their names."""
    readers = {}
    for module in READER_MODULES:
        for reader in importlib.import_module(module).READERS:
            readers[reader.name] = reader
    return readers
