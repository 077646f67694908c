"""What a run is trained and validated on, so that a resumed run is known to have the same.

    {"train": {NAME: {"version": "1.0.0", "images": 500, "fixations": 97000, "digest": "3f..."}},
     "validation": {...}}

A fact that is not known is None: the fixations of a slice, the digest of a remote dataset.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tensorflow_datasets as tfds

from samjax.data.mixture import WeightedSource
from samjax.data.prepare.report import read_report
from samjax.errors import UserError

EVERY = 2**22  # bytes of a shard of which one block is read
BLOCK = 2**16


def identify(
    training: Sequence[WeightedSource], validation: Sequence[WeightedSource]
) -> dict[str, dict[str, Any]]:
    """Return the identity of the data of a run.

    Raises:
        UserError: No image of a dataset has fixations or a density, so there is nothing to learn
            from or to validate on.
    """
    parts = {"train": training, "validation": validation}
    return {
        part: {entry.name: _facts(entry, part) for entry in mixture}
        for part, mixture in parts.items()
    }


def _facts(entry: WeightedSource, part: str) -> dict[str, Any]:
    _check_truth(entry, part)
    dataset, split = entry.source.dataset, entry.source.split
    counts = read_report(dataset).get("splits", {}).get(split, {})
    return {
        "version": dataset.directory.name,
        "images": len(entry.source),
        "fixations": counts.get("fixations"),
        "digest": None if dataset.address else shards_digest(entry),
    }


def _check_truth(entry: WeightedSource, part: str) -> None:
    # Nearly always the first image has fixations, and no more are read.
    examples = (entry.source[i] for i in range(len(entry.source)))
    if not any(len(example.points) or example.density for example in examples):
        which = f"{entry.name} {entry.source.split}"
        raise UserError(
            f"no image of {which} has fixations or a density, so nothing can be "
            f"{'learned from it' if part == 'train' else 'validated on it'}; name another dataset "
            f"or split in --config.data.{part} or prepare this one with its fixations"
        )


def shards_digest(entry: WeightedSource) -> str:
    """Return a digest of the shards of a split that does not depend on where they lie.

    Of each shard its name, its size and a block in each 4 MiB count. That finds a dataset that was
    prepared in another way, and costs a sixty-fourth of reading it. Damage within the shards is
    found by their own checksums when they are read.
    """
    dataset = entry.source.dataset
    info = tfds.builder_from_directory(dataset.directory).info.splits[entry.source.split]
    state = hashlib.sha256(repr(dataset.sigma).encode())
    for name in sorted({instruction.filename for instruction in info.file_instructions}):
        path = Path(name)
        size = path.stat().st_size
        state.update(f"{path.name} {size}".encode())
        with open(path, "rb") as file:
            for start in (*range(0, size, EVERY), max(0, size - BLOCK)):
                file.seek(start)
                state.update(file.read(BLOCK))
    return state.hexdigest()[:16]
