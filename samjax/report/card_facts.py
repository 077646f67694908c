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
    scores      the evaluations of the run, see `card_run.read_scores`
    speed       measurements, see `samjax.prediction.speed`
    dtype       of the kernels in the file, if it is a file
    rounded     to what type kernels were rounded behind the scores; missing where they were not

What a file itself tells (its size, its input sizes, its network) is not repeated there.
"""

from importlib import metadata
from pathlib import Path
from typing import Any

from samjax.files.address import is_address
from samjax.files.json_file import write_json
from samjax.weights import Pretrained
from samjax.weights.provenance import known_ingredients

SPEED = "speed.json"
"""The file of a work folder with measurements of speed."""


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
    if is_address(source) or Path(source).is_dir():
        # Imported only now: a file has its facts in itself, and needs nothing of training.
        from samjax.report.card_run import of_workdir
        from samjax.training.work_folder import opened

        with opened(source) as workdir:
            facts = of_workdir(workdir, weights)
    elif weights.card:
        facts = dict(weights.card)
    else:
        facts = {"ingredients": known_ingredients(str(source), weights.origin)}
    facts["name"] = name or facts.get("name") or Path(source).stem
    facts["licence"] = licence or facts.get("licence", "")
    facts["samjax"] = metadata.version("samjax")
    return facts


def stored_as(facts: dict[str, Any], dtype: str) -> dict[str, Any]:
    """Return the facts of weights whose kernels are written as this type."""
    # What was rounded once stays rounded, in whatever type it is written again.
    rounded = {"rounded": dtype} if dtype != "float32" else {}
    return facts | {"dtype": dtype} | rounded


def keep_speed(source: str | Path, rows: list[dict[str, Any]]) -> None:
    """Write measurements of speed into a work folder; nowhere if the source is none."""
    if Path(source).is_dir():
        write_json(Path(source) / SPEED, rows)
