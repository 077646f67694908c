"""Scores of a model and its baselines as a summary (JSON) and per image (CSV), and two compared."""

import csv
import io
import json
import math
from importlib import metadata
from pathlib import Path

import numpy as np

from samjax.errors import UserError
from samjax.evaluation import intervals
from samjax.evaluation.scores import Scores
from samjax.files.atomic import write_atomic
from samjax.metrics import LOWER_IS_BETTER

MODEL = "model"
# What two results must share to be comparable.
IDENTITY = ("convention", "dataset", "edition", "split", "sigma", "resolution", "maps")
# The MIT300 board averages these over fixations, not over images (CAT2000 and COCO-Freeview do).
PER_FIXATION = ("IG", "LL")
PACKAGES = ("samjax", "jax", "flax", "numpy", "opencv-python-headless")


def summarise(scores: Scores, *, seed: int = 0, resamples: int = intervals.RESAMPLES) -> dict:
    """Means with intervals per method and metric, and the model minus the best baseline.

    Returns {"images", "scores": {method: {metric: estimate}}, "over_fixations" (the same for
    PER_FIXATION, every fixation with equal weight), "difference": {metric: estimate with
    "baseline"}, "not_finite", "bootstrap"}; an estimate is {mean, low, high, images}.
    """
    options = {"seed": seed, "resamples": resamples}
    estimates = {
        method: {name: intervals.interval(v, **options) for name, v in values.items()}
        for method, values in scores.values.items()
    }
    return {
        "images": len(scores.image_ids),
        "scores": {m: {k: e._asdict() for k, e in row.items()} for m, row in estimates.items()},
        "over_fixations": _over_fixations(scores, options),
        "difference": _differences(scores, estimates, options),
        "not_finite": [f"{image_id} ({method})" for image_id, method in scores.not_finite],
        "bootstrap": {"level": intervals.LEVEL, **options},
    }


def _over_fixations(scores: Scores, options: dict) -> dict:
    return {
        method: {
            name: intervals.interval(row[name], weights=scores.num_fixations, **options)._asdict()
            for name in PER_FIXATION
            if name in row
        }
        for method, row in scores.values.items()
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
        difference = intervals.paired_difference(ours, scores.values[best][name], **options)
        found[name] = {"baseline": best, **difference._asdict()}
    return found


def versions() -> dict[str, str]:
    """Versions of the packages that a score depends on."""
    return {name: metadata.version(name) for name in PACKAGES}


def write_summary(path, summary: dict):
    """JSON, with null for what has no value (nan is not JSON)."""
    write_atomic(path, json.dumps(_without_nan(summary), indent=1, allow_nan=False) + "\n")


def write_per_image(path, scores: Scores, identity: dict, method: str = MODEL):
    """CSV: image_id, the metrics, then what produced them, the same in every row.

    An empty cell where an image has no score. IDENTITY names the columns at the end; they keep a
    file from being compared with one of another convention or edition.
    """
    values = scores.values[method]
    about = [_text(identity.get(key)) for key in IDENTITY]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["image_id", *values, *IDENTITY])
    for i, image_id in enumerate(scores.image_ids):
        cells = [float(column[i]) for column in values.values()]
        cells = ["" if math.isnan(c) else f"{c:.9g}" for c in cells]
        rows.writerow([image_id, *cells, *about])
    write_atomic(path, text.getvalue())


def read_per_image(path) -> tuple[list[str], dict[str, np.ndarray], dict[str, str]]:
    """image ids, metric -> [N], and identity of a file of `write_per_image`; UserError: it is not
    one."""
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file; write it with `samjax score ... --csv {path}`")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    if not rows or not {"image_id", *IDENTITY} <= set(rows[0]):
        raise UserError(f"{path} is no per-image file of `samjax score --csv`; write it anew")
    names = [name for name in rows[0] if name not in ("image_id", *IDENTITY)]
    values = {n: np.array([float(row[n] or "nan") for row in rows]) for n in names}
    return [row["image_id"] for row in rows], values, {key: rows[0][key] for key in IDENTITY}


def check_comparable(path, identity: dict) -> None:
    """UserError: a per-image file differs in what makes scores comparable (IDENTITY)."""
    _, _, theirs = read_per_image(path)
    for key in IDENTITY:
        if theirs[key] != _text(identity.get(key)):
            raise UserError(
                f"{path} has {key} {theirs[key]!r}, these scores have "
                f"{_text(identity.get(key))!r}; scores of a different {key} cannot be compared"
            )


def compare(scores: Scores, identity: dict, path, *, seed: int = 0) -> dict:
    """Per metric: our scores minus those of another per-image file, paired over images.

    Returns {metric: {mean, low, high, images, p}}. UserError: the files are not comparable, or have
    no image in common.
    """
    check_comparable(path, identity)
    ids, theirs, _ = read_per_image(path)
    place = {image_id: k for k, image_id in enumerate(ids)}
    common = [k for k, image_id in enumerate(scores.image_ids) if image_id in place]
    if not common:
        raise UserError(f"{path} has none of these images; compare scores of the same split")
    order = [place[scores.image_ids[k]] for k in common]
    found = {}
    for name, ours in scores.values[MODEL].items():
        if name in theirs:
            pair = ours[common], theirs[name][order]
            difference = intervals.paired_difference(*pair, seed=seed)._asdict()
            found[name] = difference | {"p": intervals.permutation_p(*pair, seed=seed)}
    return found


def _text(value) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _without_nan(value):
    if isinstance(value, dict):
        return {k: _without_nan(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
