"""The facts of a model card, collected from the files of a run; nothing is invented.

They are a dictionary in types that JSON has, which `samjax convert` keeps in the metadata of the
weight file, so that the file alone tells them:

    name        of the model
    licence     of the weights, as who publishes them says; "" if nobody has said it
    samjax      the version that collected the facts
    run         what was trained: the checkpoint, the resolved config; {} for foreign weights
    data        the datasets that it was trained and chosen on, see `card_data`
    ingredients what the weights were made of beside the data, see `samjax.weights.provenance`
    ancestors   the runs that this one learned from, each with `name`, `how` in words and `data`
    scores      the evaluations of the run, see `read_scores`
    speed       measurements, see `samjax.prediction.speed`
    dtype       of the kernels in the file, if it is a file
    rounded     to what type kernels were rounded behind the scores; missing where they were not

What a file itself tells (its size, its input sizes, its network) is not repeated there.
"""

import re
from importlib import metadata
from pathlib import Path
from typing import Any

from ml_collections import ConfigDict

from samjax.files.json_file import read_json, write_json
from samjax.report.card_data import datasets_of
from samjax.report.card_lineage import ancestors_of, ingredients_of, known_ingredients, merge
from samjax.report.workfolder import read_evaluations
from samjax.training.config_file import CONFIG
from samjax.training.restore import read_config
from samjax.weights import Pretrained

SPEED = "speed.json"
"""The file of a work folder with measurements of speed."""

PLACES = ("data_dir",)
"""Fields of a config that say where files are on somebody's machine, and so are left out."""


def collect(
    source: str | Path, weights: Pretrained, *, name: str = "", licence: str = ""
) -> dict[str, Any]:
    """Return the facts of weights.

    Args:
        source: Where the weights come from: a work folder, a file, or a name.
        weights: What was read from there; a file of ours has the facts of its run.
        name: Of the model; that of the source if empty.
        licence: Of the weights, such as "apache-2.0"; as the source says if empty.

    Raises:
        UserError: A file of the work folder is damaged.
    """
    workdir = Path(source)
    if (workdir / CONFIG).is_file():
        facts = _of_workdir(workdir, weights)
    elif weights.card:
        facts = dict(weights.card)
    else:
        facts = {"ingredients": known_ingredients(str(source), weights.origin)}
    facts["name"] = name or facts.get("name") or Path(source).stem
    facts["licence"] = licence or facts.get("licence", "")
    facts["samjax"] = metadata.version("samjax")
    return facts


def _of_workdir(workdir: Path, weights: Pretrained) -> dict[str, Any]:
    """Return what the files of a work folder tell."""
    config = read_config(workdir)
    ancestors = ancestors_of(config)
    speed = workdir / SPEED
    return {
        "name": workdir.resolve().name,
        "run": {"step": step_of(weights.origin), "config": shown_config(config)},
        "data": datasets_of(config),
        "ingredients": merge(ingredients_of(config), *(a["ingredients"] for a in ancestors)),
        "ancestors": [{key: a[key] for key in ("name", "how", "data")} for a in ancestors],
        "scores": read_scores(workdir, weights.origin),
        "speed": read_json(speed) if speed.is_file() else [],
    }


def stored_as(facts: dict[str, Any], dtype: str) -> dict[str, Any]:
    """Return the facts of weights whose kernels are written as this type."""
    # What was rounded once stays rounded, in whatever type it is written again.
    rounded = {"rounded": dtype} if dtype != "float32" else {}
    return facts | {"dtype": dtype} | rounded


def keep_speed(source: str | Path, rows: list[dict[str, Any]]) -> None:
    """Write measurements of speed into a work folder; nowhere if the source is none."""
    if (Path(source) / CONFIG).is_file():
        write_json(Path(source) / SPEED, rows)


def step_of(origin: str) -> int | None:
    """Return the step of a checkpoint from the origin of its weights, None if it names none."""
    match = re.search(r", step (\d+)$", origin)
    return int(match[1]) if match else None


def shown_config(config: ConfigDict) -> dict[str, Any]:
    """Return a config as others may see it: paths on this machine are cut to their last part."""

    def shown(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shown(v) for name, v in value.items() if name not in PLACES}
        if isinstance(value, tuple | list):
            return [shown(v) for v in value]
        if isinstance(value, str) and value.startswith(("/", "~", ".", "\\")):
            return Path(value).name
        return value

    return shown(config.to_dict())


def read_scores(workdir: Path, origin: str) -> list[dict[str, Any]]:
    """Return the evaluations of a work folder, shortened.

    Each has `dataset`, `split`, `convention`, `images`, `level` (of the intervals), `weights` (what
    was evaluated), `same_weights` (whether that is the checkpoint at hand), `postprocess`, and
    `methods`: by method and metric [mean, low, high]; the model is the method `model`.
    """
    return [_shortened(summary, origin) for summary in read_evaluations(workdir)]


def _shortened(summary: dict[str, Any], origin: str) -> dict[str, Any]:
    """Return what a card shows of the summary of an evaluation."""
    evaluated = summary.get("weights", "")
    return {
        **{key: summary[key] for key in ("dataset", "split", "convention", "images")},
        "level": summary.get("bootstrap", {}).get("level"),
        "weights": evaluated,
        "same_weights": step_of(evaluated) == step_of(origin),
        "postprocess": summary.get("postprocess", "none"),
        "methods": {
            method: {
                metric: [estimate.get(key) for key in ("mean", "low", "high")]
                for metric, estimate in summary["scores"][method].items()
            }
            for method in summary["scores"]
        },
    }
