"""The summary of an ablation: everything that its table and its plot show."""

from pathlib import Path
from typing import Any

import numpy as np
from ml_collections import ConfigDict

from experiments.ablation import cost, estimates, grid
from experiments.ablation.points import Target, read_scores
from experiments.ablation.rows import Row
from samjax.console.log import log
from samjax.errors import UserError
from samjax.files.json_file import read_json, write_json
from samjax.training.config import build_model

Summary = dict[str, Any]


def summarise(
    config: ConfigDict, workdir: Path, target: Target, rows: list[Row], seeds: int
) -> Summary:
    """Return the summary of an ablation whose points are all complete.

    Each row is compared with the first row of its mode, paired by seed and image.

    Args:
        config: What all points have in common.
        workdir: The folder of the ablation.
        target: What the points were scored on.
        rows: The rows of the table.
        seeds: How many seeds each row has.

    Returns:
        {"dataset", "split", "convention", "images", "seeds", "field", "metrics", "rows"}; field is
        the config field that the rows vary, "" if they vary several.

    Raises:
        UserError: The points of a row were scored on different images.
    """
    costs = _measure_costs(config, workdir, rows)
    summaries: list[dict[str, Any]] = []
    references: dict[str, tuple[str, dict[str, np.ndarray]]] = {}
    for row in rows:
        paths = [point.scores_path(workdir, target, row.timestep) for point in row.points]
        image_ids, scores = _stack_scores(paths)
        # Models of their own and one model read early answer two questions; each has a reference.
        is_reference = row.mode not in references
        reference, base = references.setdefault(row.mode, (row.label, scores))
        difference = {} if is_reference else _differences(scores, base)
        cost = costs[grid.setting_name(row.setting)]
        counts = {"images": len(image_ids), "seeds": seeds, "reference": reference}
        summaries.append(_of_row(row, counts, scores, difference, cost))
    return {
        **target._asdict(),
        "images": summaries[0]["images"],
        "seeds": seeds,
        "field": _varied_field(rows),
        "metrics": list(summaries[0]["scores"]),
        "rows": summaries,
    }


def _of_row(
    row: Row,
    counts: dict[str, Any],
    scores: dict[str, np.ndarray],
    difference: dict[str, Any],
    cost: dict[str, Any],
) -> dict[str, Any]:
    """Return the summary of a row, its fields in the order of the files.

    Args:
        row: The row.
        counts: How many images and seeds it has, and the label of the row it is compared with.
        scores: Of each metric, [seeds, images].
        difference: From that row; {} for the row itself.
        cost: As measured.
    """
    return {
        "mode": row.mode,
        "label": row.label,
        "x": row.x,
        "setting": dict(row.setting),
        **counts,
        "scores": {name: estimates.estimate(values) for name, values in scores.items()},
        "difference": difference,
        "cost": cost,
    }


def _differences(
    scores: dict[str, np.ndarray], base: dict[str, np.ndarray]
) -> dict[str, estimates.Estimate]:
    """Return the difference from the reference's scores, both [S, N], for each metric."""
    return {name: estimates.difference(values, base[name]) for name, values in scores.items()}


def _varied_field(rows: list[Row]) -> str:
    """Return the only field that the rows vary, "" if there are several."""
    fields = {field for row in rows for field in row.setting}
    return fields.pop() if len(fields) == 1 else ""


def _stack_scores(paths: list[Path]) -> tuple[list[str], dict[str, np.ndarray]]:
    """Return the image names, and the scores [S, N] by metric, of one row's S per-image files."""
    tables = [read_scores(path) for path in paths]
    image_ids, first_values, _ = tables[0]
    for path, (other_ids, _, _) in zip(paths, tables, strict=True):
        # Differences are paired by image, which different images would break silently.
        if other_ids != image_ids:
            raise UserError(f"{path} has other images than {paths[0]}; remove it to score again")
    scores = {name: np.stack([values[name] for _, values, _ in tables]) for name in first_values}
    return image_ids, scores


def _measure_costs(config: ConfigDict, workdir: Path, rows: list[Row]) -> dict[str, dict]:
    """Return the cost of each setting by its name.

    Costs are measured once and kept in a file, so that a table that is made again is the same.
    """
    path = workdir / "costs.json"
    costs = read_json(path) if path.is_file() else {}
    missing = {}
    for row in rows:
        name = grid.setting_name(row.setting)
        if name not in costs:
            changed = grid.apply_setting(config, row.setting)
            missing[name] = cost.Network(build_model(changed), changed.data.input_size)
    if missing:
        log(f"measuring what {len(missing)} settings cost")
        costs |= cost.measure(missing)
        write_json(path, costs)
    return costs
