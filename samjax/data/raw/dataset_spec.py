"""What a builder of a published dataset is: values, and one function from raw files to items.

    PUBLISHED = (DatasetSpec(name="osie", ..., items=items),)

    def items(tree: Tree, faults: Faults) -> dict[str, list[Item]]:
        ...                      # {"train": [Item(...), ...], "validation": [...]}

An edition is a dataset of its own (salicon_2015, salicon_2017): it is named, never guessed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from samjax.data.example import Example, Facts
from samjax.data.raw.problems import Fault, Faults
from samjax.data.raw.tree import Tree


class LoadedItem(NamedTuple):
    """An example, and what was odd about it: points outside, empty trials, wrong size, ..."""

    example: Example
    oddities: tuple[Fault, ...] = ()


class Item(NamedTuple):
    """An image that can be loaded when its turn comes.

    load: picklable (`functools.partial` of a function of a module), so that other processes may do
      it; raises UserError, with the file's name, for what cannot be used.
    size: bytes of the image file, by which shards are cut.
    """

    image_id: str
    load: Callable[[], LoadedItem]
    size: int


@dataclass(frozen=True)
class Download:
    """A file at a published address. md5: "" where none is published; nothing is made up.

    manual: what a person must do where a form or a login stands before the file; "" if nothing.
    """

    file: str
    url: str
    md5: str = ""
    size: int = 0  # bytes, 0 unknown
    manual: str = ""


class Count(NamedTuple):
    """What a split holds by publication; None: not established."""

    images: int
    fixations: int | None = None


@dataclass(frozen=True)
class DatasetSpec:
    """A published dataset in one edition.

    name:     of the command `samjax prepare NAME` and of the prepared dataset
    facts:    edition, split recipe, sigma, pixels per degree, citation, licence
    counts:   {split: Count} against which a full source is compared
    you_get:  what users must get themselves, in a line; "" if `downloads` can be fetched
    items:    raw files -> {split: items in order}; what is odd in the tree itself goes to faults
    """

    name: str
    facts: Facts
    items: Callable[[Tree, Faults], dict[str, list[Item]]]
    counts: dict[str, Count] = field(default_factory=dict)
    downloads: tuple[Download, ...] = ()
    you_get: str = ""
