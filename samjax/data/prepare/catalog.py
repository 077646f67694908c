"""All known datasets: which are prepared and where, and what users must get themselves."""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from samjax.data.builders.known_facts import KNOWN_FACTS
from samjax.data.builders.registry import published
from samjax.data.dataset import default_data_dir, prepared
from samjax.data.prepare.staging import kept_place
from samjax.data.raw.dataset_spec import DatasetSpec
from samjax.data.sources import open_dataset
from samjax.errors import UserError

ABSENT = "-"


class CatalogRow(NamedTuple):
    """A row of `samjax prepare --list`; ABSENT stands where nothing is known.

    Attributes:
        name: The dataset's name.
        state: prepared, unreadable, incomplete or ABSENT.
        images: Number of images by split, such as 'train:500 validation:200'.
        edition: Which edition it is.
        place: Where it is, or how to get it.
    """

    name: str
    state: str
    images: str
    edition: str
    place: str


def catalog(data_dir: str | Path | None = None) -> Iterator[CatalogRow]:
    """Yield a row for each dataset that is known or prepared.

    Args:
        data_dir: Where prepared datasets are; None: the default.
    """
    root = Path(data_dir or default_data_dir()).expanduser().absolute()
    here, builders = prepared(root), published()
    # dict.fromkeys keeps the order and drops names that stand in several of the lists.
    for name in dict.fromkeys([*builders, *KNOWN_FACTS, "synthetic", *here]):
        state = "incomplete" if kept_place(root / name).exists() else ABSENT
        if name in here:
            yield _prepared_row(name, root)
        elif name in builders:
            dataset = builders[name]
            counts = {split: count.images for split, count in dataset.counts.items()}
            edition = dataset.facts.edition
            yield CatalogRow(name, state, _join_counts(counts), edition, _how_to_get(dataset))
        elif name in KNOWN_FACTS:
            command = f"samjax prepare table --name {name} --source PATH"
            yield CatalogRow(name, state, ABSENT, KNOWN_FACTS[name].edition, command)
        else:
            yield CatalogRow(name, state, ABSENT, ABSENT, f"samjax prepare {name}")


def _prepared_row(name: str, root: Path) -> CatalogRow:
    try:
        dataset = open_dataset(name, root)
    except (UserError, OSError) as error:  # one broken dataset must not hide the others
        return CatalogRow(name, "unreadable", ABSENT, ABSENT, str(error))
    images = _join_counts(dataset.splits)
    return CatalogRow(name, "prepared", images, dataset.edition, str(dataset.directory))


def find_published(name: str) -> DatasetSpec:
    """Return the published dataset of this name.

    Raises:
        UserError: There is none. The message lists its editions, or similar names.
    """
    known = published()
    if name in known:
        return known[name]
    # 'salicon' could mean several editions with other fixations, so it is not guessed.
    editions = [other for other in known if re.fullmatch(rf"{re.escape(name)}_\w+", other)]
    if editions:
        raise UserError(f"'{name}' has several editions; name one: {', '.join(editions)}")
    similar = difflib.get_close_matches(name, [*known, "table", "folder", "synthetic"], n=3)
    hint = f"; did you mean {' or '.join(similar)}?" if similar else ""
    raise UserError(
        f"dataset '{name}' is not known{hint} (`samjax prepare --list` shows all; your own files: "
        f"`samjax prepare table --name {name} --source PATH`)"
    )


def _how_to_get(dataset: DatasetSpec) -> str:
    if dataset.user_must_get or not dataset.downloads:
        return dataset.user_must_get or "no address is published"
    by_hand = [f"{file.file}: {file.manual}" for file in dataset.downloads if file.manual]
    return "; ".join(by_hand) or f"samjax prepare {dataset.name} (downloads)"


def _join_counts(splits: dict[str, int]) -> str:
    return " ".join(f"{split}:{images}" for split, images in splits.items()) or ABSENT
