"""Scores of a model and its baselines as a summary, and per image as CSV; two files compared."""

import csv
import io
import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from samjax.errors import UserError, one_line
from samjax.evaluation import intervals
from samjax.evaluation.intervals import Estimate
from samjax.evaluation.scores import MODEL, Scores
from samjax.files.atomic import write_atomic
from samjax.metrics import LOWER_IS_BETTER

# What two results must share to be comparable.
IDENTITY = ("convention", "dataset", "edition", "split", "sigma", "resolution", "maps")
# The MIT300 board averages these over fixations, not over images (CAT2000 and COCO-Freeview do).
PER_FIXATION = ("IG", "LL")


class PerImageFile(NamedTuple):
    """What `write_per_image` wrote.

    Attributes:
        image_ids: [N].
        values: By metric, the scores float64 [N]; nan where an image has none.
        identity: The values of IDENTITY as text.
    """

    image_ids: list[str]
    values: dict[str, np.ndarray]
    identity: dict[str, str]


def summarise(
    scores: Scores, *, seed: int = 0, resamples: int = intervals.RESAMPLES
) -> dict[str, Any]:
    """Return means with intervals, and the model minus the best baseline.

    An estimate in the summary is {"mean", "low", "high", "images"}.

    Returns:
        "images": How many were scored.
        "scores": By method and metric, the estimate over images.
        "over_fixations": The same for PER_FIXATION, where every fixation has equal weight.
        "difference": By metric, the estimate of model minus best baseline, with "baseline".
        "not_finite": The maps without a score, in words.
        "bootstrap": How the intervals were made.
    """
    options = {"seed": seed, "resamples": resamples}
    estimates: dict[str, dict[str, Estimate]] = {}
    for method, metrics in scores.values.items():
        estimates[method] = {n: intervals.interval(v, **options) for n, v in metrics.items()}
    return {
        "images": len(scores.image_ids),
        "scores": {m: {n: e._asdict() for n, e in row.items()} for m, row in estimates.items()},
        "over_fixations": _over_fixations(scores, options),
        "difference": _differences(scores, estimates, options),
        "not_finite": [f"{image_id} ({method})" for image_id, method in scores.not_finite],
        "bootstrap": {"level": intervals.LEVEL, **options},
    }


def _over_fixations(scores: Scores, options: dict[str, int]) -> dict[str, dict[str, Any]]:
    """Return by method the estimates of PER_FIXATION in which every fixation has equal weight."""
    weights = scores.num_fixations
    by_method: dict[str, dict[str, Any]] = {}
    for method, metrics in scores.values.items():
        by_method[method] = {}
        for name in PER_FIXATION:
            if name in metrics:
                estimate = intervals.interval(metrics[name], weights=weights, **options)
                by_method[method][name] = estimate._asdict()
    return by_method


def _differences(
    scores: Scores, estimates: dict[str, dict[str, Estimate]], options: dict[str, int]
) -> dict[str, dict[str, Any]]:
    """Return per metric the model minus the baseline with the best mean, paired over images."""
    baselines = [method for method in scores.values if method != MODEL]
    differences: dict[str, dict[str, Any]] = {}
    for name, ours in scores.values.get(MODEL, {}).items():
        sign = -1 if name in LOWER_IS_BETTER else 1
        means = {}  # of the baselines that have a score; higher is better
        for baseline in baselines:
            mean = sign * estimates[baseline][name].mean
            if not math.isnan(mean):
                means[baseline] = mean
        if not means:
            continue
        best = max(means, key=lambda baseline: means[baseline])
        difference = intervals.paired_difference(ours, scores.values[best][name], **options)
        differences[name] = {"baseline": best, **difference._asdict()}
    return differences


def write_per_image(
    path: str | Path, scores: Scores, identity: dict[str, Any], method: str = MODEL
) -> None:
    """Write the scores of one method as CSV: image_id, the metrics, then what produced them.

    A cell is empty where an image has no score. The columns of IDENTITY, the same in every row,
    keep a file from being compared with one of another convention or edition.
    """
    values = scores.values[method]
    about = [_text(identity.get(key)) for key in IDENTITY]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["image_id", *values, *IDENTITY])
    for i, image_id in enumerate(scores.image_ids):
        cells = []
        for column in values.values():
            value = float(column[i])
            cells.append("" if math.isnan(value) else f"{value:.9g}")
        rows.writerow([image_id, *cells, *about])
    write_atomic(path, text.getvalue())


def read_per_image(path: str | Path) -> PerImageFile:
    """Return what a file of `write_per_image` holds.

    Raises:
        UserError: There is no such file, or it is not one.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"{path}: no such file; write it with `samjax score ... --csv {path}`")
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
        if not rows or not {"image_id", *IDENTITY} <= set(rows[0]):
            raise ValueError("it has other columns")
        names = [name for name in rows[0] if name not in ("image_id", *IDENTITY)]
        values = {name: np.array([float(row[name] or "nan") for row in rows]) for name in names}
    except (ValueError, TypeError, csv.Error, OSError) as error:
        problem = f"is no per-image file of `samjax score --csv`, or damaged ({one_line(error)})"
        raise UserError(f"{path} {problem}; write it anew") from error
    return PerImageFile(
        image_ids=[row["image_id"] for row in rows],
        values=values,
        identity={key: rows[0][key] for key in IDENTITY},
    )


def check_comparable(path: str | Path, identity: dict[str, Any]) -> None:
    """Check that the scores of a per-image file can be compared with ours.

    Raises:
        UserError: It cannot be read, or differs in one of IDENTITY.
    """
    theirs = read_per_image(path).identity
    for key in IDENTITY:
        ours = _text(identity.get(key))
        if theirs[key] != ours:
            raise UserError(
                f"{path} has {key} {theirs[key]!r}, these scores have "
                f"{ours!r}; scores of a different {key} cannot be compared"
            )


def compare(
    scores: Scores, identity: dict[str, Any], path: str | Path, *, seed: int = 0
) -> dict[str, dict[str, Any]]:
    """Return per metric our scores minus those of another per-image file, paired over images.

    Returns:
        By metric {"mean", "low", "high", "images", "p"}.

    Raises:
        UserError: The scores are not comparable, or have no image in common.
    """
    check_comparable(path, identity)
    theirs = read_per_image(path)
    place = {image_id: k for k, image_id in enumerate(theirs.image_ids)}
    common = [k for k, image_id in enumerate(scores.image_ids) if image_id in place]
    if not common:
        raise UserError(f"{path} has none of these images; compare scores of the same split")
    order = [place[scores.image_ids[k]] for k in common]
    differences: dict[str, dict[str, Any]] = {}
    for name, ours in scores.values[MODEL].items():
        if name in theirs.values:
            pair = ours[common], theirs.values[name][order]
            difference = intervals.paired_difference(*pair, seed=seed)
            p = intervals.permutation_p(*pair, seed=seed)
            differences[name] = {**difference._asdict(), "p": p}
    return differences


def _text(value: Any) -> str:
    """Return a value of IDENTITY as it stands in a cell."""
    return value if isinstance(value, str) else json.dumps(value)
