"""What weights were made of beside the data: a backbone's features, and earlier runs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ml_collections import ConfigDict

from samjax.errors import UserError
from samjax.report.card_data import datasets_of
from samjax.training.combinations import backbone_source, teachers_of
from samjax.training.config_file import CONFIG
from samjax.training.restore import read_config
from samjax.weights import hub, load
from samjax.weights.provenance import KNOWN, known_ingredients

MAX_DEPTH = 8  # runs that started from each other


def ingredients_of(config: ConfigDict) -> list[dict[str, str]]:
    """Return whose features a run started from: its backbone's; [] if from random values."""
    source = backbone_source(config)
    if not source or source in KNOWN:
        return known_ingredients(source) if source else []
    card, origin = _told_by_file(source)
    return card.get("ingredients") or known_ingredients(source, origin)


def _told_by_file(source: str) -> tuple[dict[str, Any], str]:
    """Return the card and the origin of a weight file, ({}, "") if it cannot be read any more."""
    try:
        weights = load(source, offline=True)
    except UserError:
        return {}, ""
    return weights.card, weights.origin


def ancestors_of(config: ConfigDict, depth: int = 0) -> list[dict[str, Any]]:
    """Return the runs that a run learned from, the nearest first.

    Each has `name`, `how`, `data` (see `datasets_of`) and `ingredients`. Weights that cannot be
    read any more are named all the same, with unknown ingredients.
    """
    if depth == MAX_DEPTH:
        return []
    # Older configs lack these fields.
    start = config.get("train", {}).get("start_from", "")
    found = _ancestor(start, "started from the weights of", depth) if start else []
    for teacher in teachers_of(config):
        found += _ancestor(teacher, "learned from the maps of", depth)
    return found


def _ancestor(source: str, how: str, depth: int) -> list[dict[str, Any]]:
    """Return a run or a weight file by its name, followed by its own ancestors."""
    name = source if hub.is_reference(source) else Path(source).name
    own: dict[str, Any] = {"name": name, "how": how}
    if (Path(source) / CONFIG).is_file():
        config = read_config(Path(source))
        own |= {"data": datasets_of(config), "ingredients": ingredients_of(config)}
        return [own, *ancestors_of(config, depth + 1)]
    card, origin = ({}, "") if source in KNOWN else _told_by_file(source)
    own["data"] = card.get("data", [])
    own["ingredients"] = card.get("ingredients") or known_ingredients(source, origin)
    return [own, *({**row, "ingredients": []} for row in card.get("ancestors", []))]


def merge(*lists: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Return the ingredients of several lists, each once, in the order in which they come."""
    found: list[dict[str, str]] = []
    for ingredients in lists:
        found += [row for row in ingredients if row not in found]
    return found
