"""The description of a published dataset: facts, and one function that finds its images.

Each module of `samjax.data.builders` ends with a tuple of such descriptions:

    def find_items(tree: Tree, warnings: Problems) -> dict[str, list[Item]]:
        ...                      # {"train": [Item(...), ...], "validation": [...]}

    PUBLISHED = (DatasetSpec(name="osie", ..., find_items=find_items),)

Every edition is a dataset of its own (salicon_2015, salicon_2017): the user names it, and it is
never guessed from the files.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from samjax.data.example import Example, Facts
from samjax.data.raw.problems import Problem, Problems
from samjax.data.raw.tree import Tree
from samjax.data.raw.units import Units


class LoadedItem(NamedTuple):
    """An example, and warnings about it, such as empty trials or another size than annotated."""

    example: Example
    warnings: tuple[Problem, ...] = ()


class Item(NamedTuple):
    """An image of a dataset that is not read yet; it is loaded when its turn comes.

    Attributes:
        image_id: The id that the loaded example has. It is unique in the dataset.
        load: Reads the files and returns the example. It must be picklable (a `functools.partial`
            of a function of a module), because other processes call it. It raises UserError, with
            the name of the file, if the image cannot be used.
        size: Bytes of the image file. Shards are cut by the sum of these.
    """

    image_id: str
    load: Callable[[], LoadedItem]
    size: int


@dataclass(frozen=True)
class Download:
    """A file at a published address.

    Attributes:
        file: The name under which the file is kept.
        url: Its address.
        md5: Its published checksum, "" where none is published. None is made up.
        size: Bytes, 0 if unknown.
        manual: What a person must do where a form or a login stands before the file, or "".
    """

    file: str
    url: str
    md5: str = ""
    size: int = 0
    manual: str = ""


class Count(NamedTuple):
    """What a split holds according to its publication; None where that is not established."""

    images: int
    fixations: int | None = None


@dataclass(frozen=True)
class DatasetSpec:
    """A published dataset in one edition.

    Attributes:
        name: The name of the prepared dataset, and of the command `samjax prepare NAME`.
        facts: Edition, split recipe, sigma, pixels per degree, citation, licence.
        find_items: Takes the raw files and a collection for warnings about them as a whole, and
            returns {split: items in their order}.
        counts: {split: Count}, with which a prepared dataset is compared.
        downloads: The files that are fetched if the user gives no source.
        user_must_get: What users must get themselves, in a line; "" if `downloads` can be fetched.
        units: What the numbers of the user's own files mean; None for published ones, which are
            known, and of which nothing is asked.
    """

    name: str
    facts: Facts
    find_items: Callable[[Tree, Problems], dict[str, list[Item]]]
    counts: dict[str, Count] = field(default_factory=dict)
    downloads: tuple[Download, ...] = ()
    user_must_get: str = ""
    units: Units | None = None
