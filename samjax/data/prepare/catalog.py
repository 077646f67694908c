"""All known datasets: what is prepared, where, and what users must get themselves."""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from samjax.data.builders.known import KNOWN
from samjax.data.builders.registry import published
from samjax.data.prepare.staging import kept_place
from samjax.data.raw.dataset_spec import DatasetSpec
from samjax.data.sources import default_data_dir, open_dataset, prepared
from samjax.errors import UserError

ABSENT = "-"


def catalog(data_dir: str | Path | None = None) -> Iterator[tuple[str, str, str, str, str]]:
    """Rows (name, state, images by split, edition, where it is or how to get it)."""
    root = Path(data_dir or default_data_dir()).expanduser().absolute()
    here, known = prepared(root), published()
    for name in dict.fromkeys([*known, *KNOWN, "synthetic", *here]):
        state = "incomplete" if kept_place(root / name).exists() else ABSENT
        if name in here:
            yield _prepared_row(name, root)
        elif name in known:
            dataset = known[name]
            counts = {split: count.images for split, count in dataset.counts.items()}
            yield name, state, _counts(counts), dataset.facts.edition, _how_to_get(dataset)
        elif name in KNOWN:
            how = f"samjax prepare table --name {name} --source PATH"
            yield name, state, ABSENT, KNOWN[name].edition, how
        else:
            yield name, state, ABSENT, ABSENT, f"samjax prepare {name}"


def _prepared_row(name: str, root: Path) -> tuple[str, str, str, str, str]:
    try:
        dataset = open_dataset(name, root)
    except UserError as error:
        return name, "unreadable", ABSENT, ABSENT, str(error)
    return name, "prepared", _counts(dataset.splits), dataset.edition, str(dataset.directory)


def find(name: str) -> DatasetSpec:
    """The published dataset of this name; UserError lists its editions, or similar names."""
    known = published()
    if name in known:
        return known[name]
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
    if dataset.you_get or not dataset.downloads:
        return dataset.you_get or "no address is published"
    by_hand = [f"{download.file}: {download.manual}" for download in dataset.downloads]
    by_hand = [text for text, file in zip(by_hand, dataset.downloads, strict=True) if file.manual]
    return "; ".join(by_hand) or f"samjax prepare {dataset.name} (downloads)"


def _counts(splits: dict[str, int]) -> str:
    return " ".join(f"{split}:{images}" for split, images in splits.items()) or ABSENT
