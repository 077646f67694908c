"""Tables and drawn scenes to a TFDS dataset in array_record, whole or not at all."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from samjax.console.progress import track
from samjax.data.builders.known import KNOWN
from samjax.data.example import DEFAULT_SIGMA_FRACTION, Facts, Sigma
from samjax.data.prepare.staging import fresh_folder
from samjax.data.prepare.synthetic_builder import SyntheticBuilder
from samjax.data.prepare.table_builder import TableBuilder
from samjax.data.prepare.tfds_builder import SaliencyBuilder
from samjax.data.raw.table import Table, read_table
from samjax.data.sources import Dataset, open_dataset
from samjax.data.synthetic.scenes import SceneSpec
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
    with fresh_folder(name, data_dir, overwrite) as folder:
        table = read_table(Path(source), _tracked(f"{name}: checking"))
        if on_error == "fail":
            table.faults.refuse()
        if not table.rows:
            raise UserError(f"{source}/images.csv has no usable image")
        builder = TableBuilder(
            name, known_facts(name, sigma), folder, table, _tracked(f"{name}: writing")
        )
        write_report(builder.write(), _report(table))
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
    with fresh_folder(name, data_dir, overwrite) as folder:
        show = _tracked(f"{name}: drawing")
        builder: SaliencyBuilder = SyntheticBuilder(
            name, folder, spec or SceneSpec(), counts, seed, show
        )
        write_report(builder.write(), {"faults": {}, "resized": 0})
    return open_dataset(name, data_dir)


def read_report(dataset: Dataset) -> dict:
    """What `samjax prepare` left out of a dataset: counts of `faults` by kind, and their `rows`;
    {} for a dataset that something else wrote."""
    path = dataset.directory / REPORT
    return json.loads(path.read_text()) if path.is_file() else {}


def write_report(directory: Path, report: dict):
    (directory / REPORT).write_text(json.dumps(report, indent=1) + "\n")


def known_facts(name: str, sigma: float | None) -> Facts:
    """What is known of dataset `name`; a given sigma wins, and without any 3 % is assumed."""
    facts = KNOWN.get(name, Facts(sigma=Sigma(fraction=DEFAULT_SIGMA_FRACTION)))
    if sigma is None and name not in KNOWN:
        print(
            f"warning: one degree of '{name}' is not known; assuming "
            f"{DEFAULT_SIGMA_FRACTION:.0%} of each image's longer side (give --sigma=PIXELS)",
            file=sys.stderr,
        )
    return with_sigma(facts, sigma)


def with_sigma(facts: Facts, sigma: float | None) -> Facts:
    """The facts with one degree of `sigma` original pixels, unless it is None."""
    if sigma is None:
        return facts
    if not 0 < sigma < 10_000:
        raise UserError(f"--sigma={sigma:g} is not a number of pixels above 0")
    return replace(facts, sigma=Sigma(pixels=float(sigma)))


def _tracked(what: str):
    def over(items: Sequence) -> Iterator:
        return track(items, len(items), what)

    return over


def _report(table: Table) -> dict:
    return {
        "faults": dict(table.faults.counts),
        "fixations_dropped_with_their_image": table.dropped,
        "resized": sum(row.pixels != (row.height, row.width) for row in table.rows),
        "rows": [vars(fault) for fault in table.faults.kept],
    }
