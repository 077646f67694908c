"""Raw files to a TFDS dataset in array_record, whole or not at all."""

import json
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tqdm import tqdm

from samjax.data.builders.base import SaliencyBuilder
from samjax.data.builders.known import KNOWN
from samjax.data.builders.synthetic import SyntheticBuilder
from samjax.data.builders.table import TableBuilder
from samjax.data.builders.table_checks import Table, read_table
from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.scenes import SceneSpec
from samjax.data.sources import Dataset, default_data_dir, open_dataset
from samjax.errors import UserError

REPORT = "report.json"
"""In the dataset's folder: what was odd in the source and left out."""


def prepare_table(
    source: str | Path,
    name: str,
    *,
    data_dir: str | Path | None = None,
    sigma: float | None = None,
    on_error: str = "fail",
    overwrite: bool = False,
) -> Dataset:
    """Checks the table under `source` and writes it as dataset `name`.

    `sigma` is one degree in original pixels. `on_error` is 'fail' or 'skip': what to do with rows
    that the checks refuse. Raises UserError if they fail, or if the dataset is there already.
    """
    with _fresh_folder(name, data_dir, overwrite) as folder:
        table = read_table(Path(source), partial(track, what=f"{name}: checking"))
        if on_error == "fail":
            table.faults.refuse()
        if not table.rows:
            raise UserError(f"{source}/images.csv has no usable image")
        facts = _facts(name, sigma)
        builder = TableBuilder(name, facts, folder, table, partial(track, what=f"{name}: writing"))
        _write(builder, _report(table))
    return open_dataset(name, data_dir)


def prepare_synthetic(
    name: str = "synthetic",
    *,
    data_dir: str | Path | None = None,
    spec: SceneSpec | None = None,
    counts: dict[str, int] | None = None,
    seed: int = 0,
    overwrite: bool = False,
) -> Dataset:
    """Draws the synthetic dataset; `counts` are the images of each split."""
    with _fresh_folder(name, data_dir, overwrite) as folder:
        show = partial(track, what=f"{name}: drawing")
        builder = SyntheticBuilder(name, folder, spec or SceneSpec(), counts, seed, show)
        _write(builder, {"faults": {}})
    return open_dataset(name, data_dir)


def track(items: Sequence, what: str) -> Iterator:
    """Iterates with a progress bar on a terminal, and one plain line otherwise."""
    if sys.stderr.isatty():
        return iter(tqdm(items, desc=what, unit=" images", file=sys.stderr))
    print(f"{what} {len(items)} images", file=sys.stderr)
    return iter(items)


def read_report(dataset: Dataset) -> dict:
    """What `samjax prepare` left out of a dataset: counts of `faults` by kind, and their `rows`."""
    return json.loads((dataset.directory / REPORT).read_text())


def _facts(name: str, sigma: float | None) -> Facts:
    """What is known of dataset `name`; a given sigma wins, and without any 3 % is assumed."""
    known = KNOWN.get(name, Facts(sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION)))
    if sigma is not None:
        if not 0 < sigma < 10_000:
            raise UserError(f"--sigma={sigma:g} is not a number of pixels above 0")
        fields = {**vars(known), "sigma": Sigma(pixels=float(sigma))}
        return Facts(**fields)
    if name not in KNOWN:
        print(
            f"warning: one degree of '{name}' is not known; assuming "
            f"{DEFAULT_SIGMA_FRACTION:.0%} of each image's longer side (give --sigma=PIXELS)",
            file=sys.stderr,
        )
    return known


def _report(table: Table) -> dict:
    return {
        "faults": dict(table.faults.counts),
        "fixations_dropped_with_their_image": table.dropped,
        "rows": [vars(fault) for fault in table.faults.kept],
    }


def _write(builder: SaliencyBuilder, report: dict):
    directory = builder.write()
    (directory / REPORT).write_text(json.dumps(report, indent=1) + "\n")


@contextmanager
def _fresh_folder(name: str, data_dir: str | Path | None, overwrite: bool) -> Iterator[Path]:
    """A temporary data directory beside the final place; what the body wrote in it as
    `<name>/<version>` moves there at the end. If the body fails, nothing is left."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UserError(f"dataset name '{name}' must be lower-case letters, digits and _")
    root = Path(data_dir or default_data_dir()).expanduser().absolute()
    final = root / name
    if final.exists() and not overwrite:
        raise UserError(f"{final} is there already; pass --overwrite to replace it")
    made = _make_directory(root)
    temporary = Path(tempfile.mkdtemp(prefix=f".{name}.incomplete-", dir=root))
    finished = False
    try:
        with _stopped_by_sigterm():
            yield temporary
            _replace(final, temporary / name, temporary / "old")
            finished = True
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if not finished:
            _remove_empty(made)


def _make_directory(root: Path) -> list[Path]:
    """Makes a folder; returns those that were made, innermost first."""
    missing = [folder for folder in (root, *root.parents) if not folder.exists()]
    root.mkdir(parents=True, exist_ok=True)
    return missing


def _remove_empty(folders: list[Path]):
    for folder in folders:
        if not any(folder.iterdir()):
            folder.rmdir()


def _replace(final: Path, new: Path, old: Path):
    """Moves `new` to `final`; what was there before comes back if that fails."""
    try:
        if final.exists():
            os.rename(final, old)
        os.rename(new, final)
    except BaseException:
        if old.exists() and not final.exists():
            os.rename(old, final)
        raise


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Lets SIGTERM unwind the stack as Ctrl-C does, so that clean-up runs."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals
        return

    def stop(signum: int, frame: object):
        raise SystemExit(128 + signum)

    before: Callable | int | None = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
