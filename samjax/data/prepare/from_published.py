"""Published datasets, from their raw files as published."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

from samjax.data.dataset import Dataset
from samjax.data.example import Facts
from samjax.data.prepare.downloads import downloaded
from samjax.data.prepare.facts import with_sigma
from samjax.data.prepare.load_item import Items
from samjax.data.prepare.report import ShardReport
from samjax.data.prepare.staging import final_place
from samjax.data.prepare.writer import SHARD_BYTES, DatasetContents, write_dataset
from samjax.data.raw.dataset_spec import DatasetSpec
from samjax.data.raw.plausibility import question
from samjax.data.raw.problems import Problems
from samjax.data.raw.tree import Tree
from samjax.errors import UserError


def prepare_published(
    dataset: DatasetSpec,
    source: str | Path | None = None,
    *,
    data_dir: str | Path | None = None,
    sigma: float | None = None,
    on_error: str = "fail",
    overwrite: bool = False,
    jobs: int = 1,
    shard_bytes: int = SHARD_BYTES,
) -> Dataset:
    """Write a published dataset. It is the same for any number of jobs.

    Args:
        dataset: Its description, from a module of `samjax.data.builders`.
        source: The folder of its raw files; None: they are downloaded.
        data_dir: Where prepared datasets are; None: the default.
        sigma: One degree of visual angle in original pixels; None: as published.
        on_error: 'fail' or 'skip', what to do if there are images that cannot be used.
        overwrite: Whether to replace a dataset of this name.
        jobs: How many processes load the images.
        shard_bytes: A shard holds at most so many bytes of image files.

    Raises:
        UserError: The source or an option cannot be used. Finished shards are kept for the next
            run.
    """
    final = final_place(dataset.name, data_dir, overwrite=overwrite)
    facts = with_sigma(dataset.facts, sigma)  # before a download: it may be out of range
    tree = Tree(source or downloaded(dataset, final.parent))
    contents = _contents(dataset, facts, tree, skip=on_error == "skip")
    if on_error == "fail":  # before anything is written: a folder is mended in a moment
        tree.errors.refuse()
    return write_dataset(final, contents, on_error=on_error, jobs=jobs, shard_bytes=shard_bytes)


def _contents(dataset: DatasetSpec, facts: Facts, tree: Tree, *, skip: bool) -> DatasetContents:
    report = ShardReport()
    items = _without_duplicates(dataset.find_items(tree, report.warnings), report.errors)
    if not any(items.values()):
        tree.errors.refuse()
        raise UserError(f"{tree.root} has none of the files of {dataset.name}; see --list")
    report.warnings.include(tree.warnings)
    report.errors.include(tree.errors)
    units = dataset.units
    return DatasetContents(
        facts=facts,
        items=items,
        # Reading the contents of all files would take as long as preparing them.
        source_state=[tree.state(), units and asdict(units)],
        source_report=report,
        published=dataset.counts,
        question=partial(question, units=units, skip=skip) if units else None,
    )


def _without_duplicates(items: Items, errors: Problems) -> Items:
    """Return the items without those whose id an earlier one has, which are errors."""
    image_ids: set[str] = set()
    unique: Items = {}
    for split, members in items.items():
        unique[split] = []
        for item in members:
            if item.image_id in image_ids:
                what = f"{split} has the image id of an earlier image"
                errors.add("duplicate image", item.image_id, what)
            else:
                image_ids.add(item.image_id)
                unique[split].append(item)
    return unique
