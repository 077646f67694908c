"""Scores of a model and its baselines as a summary (JSON), a table (screen) and per image (CSV)."""

import csv
import io
import json
import math
from importlib import metadata

from samjax import bootstrap
from samjax.atomic import write_atomic
from samjax.metrics import LOWER_IS_BETTER
from samjax.scores import Scores

MODEL = "model"
PACKAGES = ("samjax", "jax", "flax", "numpy", "opencv-python-headless")


def summarise(scores: Scores, *, seed: int = 0, resamples: int = bootstrap.RESAMPLES) -> dict:
    """Means with intervals per method and metric, and the model minus the best baseline.

    Returns {"images", "scores": {method: {metric: estimate}}, "difference": {metric: estimate
    with "baseline"}, "not_finite", "bootstrap"}; an estimate is {mean, low, high, images}.
    """
    options = {"seed": seed, "resamples": resamples}
    estimates = {
        method: {name: bootstrap.interval(v, **options) for name, v in values.items()}
        for method, values in scores.values.items()
    }
    return {
        "images": len(scores.image_ids),
        "scores": {m: {k: e._asdict() for k, e in row.items()} for m, row in estimates.items()},
        "difference": _differences(scores, estimates, options),
        "not_finite": [f"{image_id} ({method})" for image_id, method in scores.not_finite],
        "bootstrap": {"level": bootstrap.LEVEL, **options},
    }


def _differences(scores: Scores, estimates: dict, options: dict) -> dict:
    """Per metric: model minus the baseline with the best mean, paired over images."""
    baselines = [method for method in scores.values if method != MODEL]
    found = {}
    for name, ours in scores.values.get(MODEL, {}).items():
        sign = -1 if name in LOWER_IS_BETTER else 1
        means = {b: sign * estimates[b][name].mean for b in baselines}
        means = {b: mean for b, mean in means.items() if not math.isnan(mean)}
        if not means:
            continue
        best = max(means, key=means.get)
        difference = bootstrap.paired_difference(ours, scores.values[best][name], **options)
        found[name] = {"baseline": best, **difference._asdict()}
    return found


def versions() -> dict[str, str]:
    """Versions of the packages that a score depends on."""
    return {name: metadata.version(name) for name in PACKAGES}


def write_summary(path, summary: dict):
    """JSON, with null for what has no value (nan is not JSON)."""
    write_atomic(path, json.dumps(_without_nan(summary), indent=1, allow_nan=False) + "\n")


def write_per_image(path, scores: Scores, method: str = MODEL):
    """CSV: image_id, then the metrics; an empty cell where an image has no score."""
    values = scores.values[method]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["image_id", *values])
    for i, image_id in enumerate(scores.image_ids):
        cells = [float(column[i]) for column in values.values()]
        rows.writerow([image_id, *("" if math.isnan(c) else f"{c:.7g}" for c in cells)])
    write_atomic(path, text.getvalue())


def format_table(summary: dict) -> str:
    """Aligned text: one row per method with mean and interval, then the paired difference."""
    methods = summary["scores"]
    names = list(next(iter(methods.values())))
    heads = [f"{n} (low is good)" if n in LOWER_IS_BETTER else n for n in names]
    rows = [["", *heads]]
    rows += [[m, *(_cell(row[n]) for n in names)] for m, row in methods.items()]
    difference = summary["difference"]
    if difference:
        rows.append(["model - best", *(_cell(difference.get(n), sign="+") for n in names)])
        rows.append(["best baseline", *(difference.get(n, {}).get("baseline", "") for n in names)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _cell(estimate: dict | None, sign: str = "") -> str:
    if estimate is None or not estimate["images"]:
        return "-"
    form = f"{sign}.3f"
    mean, low, high = (format(estimate[k], form) for k in ("mean", "low", "high"))
    return f"{mean} [{low}, {high}]"


def _without_nan(value):
    if isinstance(value, dict):
        return {k: _without_nan(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
