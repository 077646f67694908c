"""What a model card says of the datasets that a run was trained and chosen on."""

from typing import Any

from ml_collections import ConfigDict

from samjax.data.builders.known_facts import KNOWN_FACTS
from samjax.data.builders.registry import published
from samjax.data.dataset import Dataset
from samjax.data.example import Facts
from samjax.data.mixture import parse_mixture
from samjax.data.prepare.report import read_report
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError


def datasets_of(config: ConfigDict) -> list[dict[str, Any]]:
    """Return a row for each dataset of a config, and for each use of it.

    A row has `name`, `role` ("trained on" or "chosen on": the checkpoint with the best score there
    was kept), `split`, `weight` in the mixture, `images`, `fixations` and `subjects` (None where
    they cannot be told), and the dataset's own `edition`, `split_recipe`, `citation` and `licence`
    ("" where nothing is stated).
    """
    data = config.data
    trained, chosen = parse_mixture(data.train), parse_mixture(data.validation)
    folds = data.get("folds", 0)
    chosen_split = data.train_split if folds else data.validation_split
    rows = []
    for role, mixture, split in (
        ("trained on", trained, data.train_split),
        ("chosen on", chosen, chosen_split),
    ):
        for name, weight in mixture.items():
            facts = _dataset(name, split, data.data_dir)
            if folds:  # a part of the split, which its name does not tell
                part = (
                    f"fold {data.fold} of {folds}"
                    if role == "chosen on"
                    else (f"all folds of {folds} but {data.fold}")
                )
                facts |= {"images": None, "fixations": None, "split": f"{split}, {part}"}
            rows.append({"name": name, "role": role, "weight": weight, **facts})
    return rows


def _dataset(name: str, split: str, data_dir: str) -> dict[str, Any]:
    """Return what is known of a split of a dataset, from its prepared files where they are."""
    row: dict[str, Any] = {"split": split, "images": None, "fixations": None, "subjects": None}
    try:
        dataset = open_dataset(name, data_dir or None)
        row |= _counts(dataset, split)
        return row | _stated(dataset.facts)
    except (UserError, OSError):
        # The card is made where the data are not. The program's own facts remain.
        return row | _stated(_facts_by_name(name))


def _counts(dataset: Dataset, split: str) -> dict[str, int | None]:
    """Return how much a split holds, by the report that was written when it was prepared."""
    whole = read_report(dataset).get("splits", {}).get(split, {})
    return {
        "images": len(Source(dataset, split)),
        "fixations": whole.get("fixations"),
        "subjects": whole.get("subjects"),
    }


def _facts_by_name(name: str) -> Facts | None:
    """Return what the program knows of a dataset by its name, None if nothing."""
    if name in KNOWN_FACTS:
        return KNOWN_FACTS[name]
    specs = published()
    return specs[name].facts if name in specs else None


def _stated(facts: Facts | None) -> dict[str, str]:
    """Return the texts of a dataset's facts, "" where nothing is stated."""
    names = ("edition", "split_recipe", "citation", "licence")
    return {name: getattr(facts, name) if facts else "" for name in names}
