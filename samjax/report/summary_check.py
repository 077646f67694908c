"""Whether the JSON of an evaluation or an ablation has what the page shows of it.

A file may be JSON and yet not what was written: cut and mended by hand, of another program, or of
an evaluation that was stopped. The page shows the others, and names it.
"""

from collections.abc import Iterable
from typing import Any

from samjax.errors import UserError

TEXTS = ("dataset", "split", "convention")
ESTIMATE = ("mean", "low", "high")


def check_evaluation(summary: Any, file: object, model: str) -> dict[str, Any]:
    """Return the summary of an evaluation.

    Args:
        summary: What the file holds.
        file: What the message calls it.
        model: The method that every evaluation has.

    Raises:
        UserError: It lacks something, or holds something else in its place.
    """
    _require(isinstance(summary, dict), file, "it is no object")
    for name in TEXTS:
        _require(isinstance(summary.get(name), str), file, f"{name} is no text")
    _require(_is_number(summary.get("images")), file, "images is no number")
    _require(isinstance(summary.get("sigma"), dict), file, "sigma is no object")
    for name in ("pixels", "fraction"):
        _require(_is_number(summary["sigma"].get(name, "")), file, f"sigma.{name} is no number")
    scores = summary.get("scores")
    _require(isinstance(scores, dict) and model in scores, file, f"it has no scores of {model}")
    for method, row in scores.items():
        _check_estimates(row, file, f"scores.{method}", row)
        missing = method != "observers" and set(scores[model]) - set(row)
        _require(not missing, file, f"scores.{method} lacks metrics")
    difference = summary.get("difference", {})
    _require(isinstance(difference, dict), file, "difference is no object")
    _check_estimates(difference, file, "difference", difference)
    # What the page shows beside, and what files of former versions may lack.
    return {"resolution": "original", "weights": "", **summary}


def check_ablation(summary: Any, file: object) -> dict[str, Any]:
    """Return the table of an ablation; see `check_evaluation`."""
    _require(isinstance(summary, dict), file, "it is no object")
    for name in TEXTS:
        _require(isinstance(summary.get(name), str), file, f"{name} is no text")
    metrics, rows = summary.get("metrics"), summary.get("rows")
    _require(isinstance(metrics, list), file, "metrics is no list")
    _require(all(isinstance(name, str) for name in metrics), file, "metrics are no texts")
    _require(isinstance(rows, list), file, "rows is no list")
    for row in rows:
        _require(
            isinstance(row, dict) and {"mode", "label"} <= set(row), file, "a row has no label"
        )
        _check_estimates(row.get("scores"), file, "the scores of a row", metrics)
        cost = row.get("cost")
        _require(isinstance(cost, dict), file, "a row has no cost")
        for name in ("multiply_adds", "seconds"):
            value = cost.get(name)
            is_number = value is not None and _is_number(value)
            _require(is_number, file, f"the {name} of a row is no number")
        if row.get("difference"):
            _check_estimates(row["difference"], file, "the difference of a row", metrics)
    return {"seeds": 1, **summary}


def _check_estimates(row: Any, file: object, where: str, names: Iterable[str]) -> None:
    """Check that some metrics of a row have an estimate each."""
    _require(isinstance(row, dict), file, f"{where} is no object")
    for name in names:
        estimate = row.get(name)
        _require(isinstance(estimate, dict), file, f"{where}.{name} is no estimate")
        for part in ESTIMATE:
            _require(_is_number(estimate.get(part)), file, f"{where}.{name}.{part} is no number")


def _is_number(value: Any) -> bool:
    """Return whether a value is a number, or None, which stands for nan."""
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _require(condition: object, file: object, problem: str) -> None:
    if not condition:
        raise UserError(f"{file} is damaged: {problem}; write it again")
