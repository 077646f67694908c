"""Runs an ablation: all its points, then the table and the plot."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ml_collections import ConfigDict

from experiments.ablation import cost, grid, plot, statistics, table
from experiments.ablation.points import Point, Target, complete, finish, read_scores
from samjax.console.log import log
from samjax.errors import UserError
from samjax.files.atomic import write_atomic
from samjax.metrics import metric_names
from samjax.training.config import parse_mixture

TIMESTEPS = "model.timesteps"
RETRAIN, READOUT = "retrain", "readout"
MODES = (READOUT, RETRAIN, "both")


def sweep(
    config: ConfigDict,
    workdir: Path,
    settings: dict[str, grid.Setting],
    *,
    seeds: int = 1,
    readout: Sequence[int] = (),
    retrain: bool = True,
    shard: str = "0/1",
    dataset: str | None = None,
    split: str | None = None,
    convention: str = "mit",
) -> dict | None:
    """Trains and scores every setting with every seed, and writes what it says to `workdir`.

    readout: timesteps of the model with the most of them that are scored too; retrain: whether
    each setting has a row. Returns the summary, None while points of other shards are missing.
    """
    metric_names(convention)
    target = Target(
        dataset or next(iter(parse_mixture(config.data.validation))),
        split or config.data.validation_split,
        convention,
    )
    first = config.train.seed
    points = {
        label: [
            Point(setting, first + k, tuple(readout) if _deepest(label, settings) else ())
            for k in range(seeds)
        ]
        for label, setting in settings.items()
        if retrain or _deepest(label, settings)
    }
    ours = _share([p for row in points.values() for p in row], shard)
    for point in ours:
        finish(point, config, workdir, target)
    left = [p.name for row in points.values() for p in row if not complete(p, workdir, target)]
    if left:
        log(f"{len(left)} points are left to other shards, {left[0]} first; the last makes a table")
        return None
    rows = _rows(points, settings, readout, retrain)
    summary = summarise(config, workdir, target, rows, seeds)
    table.write(summary, workdir)
    plot.draw(summary, workdir)
    print(table.screen(summary))
    return summary


def timesteps(
    config: ConfigDict, workdir: Path, steps: Sequence[int], *, mode: str = "both", **options
) -> dict | None:
    """The ablation of the timesteps; see `sweep`. mode: of MODES."""
    if mode not in MODES:
        raise UserError(f"--mode={mode} is unknown; use {', '.join(MODES)}")
    if not steps or min(steps) < 1 or len(set(steps)) < len(steps):
        raise UserError(f"--timesteps={','.join(map(str, steps))}: name each number from 1 once")
    settings = {f"T={t}": {TIMESTEPS: t} for t in steps}
    readout = tuple(steps) if mode != RETRAIN else ()
    return sweep(config, workdir, settings, readout=readout, retrain=mode != READOUT, **options)


def summarise(config, workdir: Path, target: Target, rows: list[dict], seeds: int) -> dict:
    """The summary of complete points: all that table and plot show."""
    costs = _costs(config, workdir, rows)
    found = []
    reference: dict[str, tuple[str, dict]] = {}
    for row in rows:
        ids, scores = _stacked([p.scores(workdir, target, row["step"]) for p in row["points"]])
        label, base = reference.setdefault(row["mode"], (row["label"], scores))
        gaps = {} if base is scores else {
            n: statistics.difference(scores[n], base[n]) for n in scores
        }  # fmt: skip
        found.append(
            {
                **{key: row[key] for key in ("mode", "label", "x")},
                "setting": {k: v for k, v in row["setting"].items()},
                "images": len(ids),
                "seeds": seeds,
                "reference": label,
                "scores": {n: statistics.estimate(v) for n, v in scores.items()},
                "difference": gaps,
                "cost": costs[grid.text(row["setting"])],
            }
        )
    fields = {field for row in rows for field in row["setting"]}
    return {
        **target._asdict(),
        "images": found[0]["images"],
        "seeds": seeds,
        "field": next(iter(fields)) if len(fields) == 1 else "",
        "metrics": list(found[0]["scores"]),
        "rows": found,
    }


def _rows(points: dict, settings: dict, readout: Sequence[int], retrain: bool) -> list[dict]:
    """What the table has: a row per setting, then one per timestep of the one model."""
    rows = []
    for label, row in points.items() if retrain else ():
        x = _x(settings[label])
        rows.append({"mode": RETRAIN, "label": label, "setting": settings[label], "points": row,
                     "step": None, "x": x})  # fmt: skip
    for label, row in points.items():
        for t in readout if _deepest(label, settings) else ():
            rows.append({"mode": READOUT, "label": f"T={t}",
                         "setting": {**settings[label], TIMESTEPS: t}, "points": row,
                         "step": t, "x": t})  # fmt: skip
    return rows


def _x(setting: grid.Setting):
    """The place on the plot's axis where one numeric field is varied."""
    values = [v for v in setting.values() if type(v) in (int, float)]
    return values[0] if len(values) == len(setting) == 1 else None


def _deepest(label: str, settings: dict[str, grid.Setting]) -> bool:
    depths = {name: setting.get(TIMESTEPS, 0) for name, setting in settings.items()}
    return label == max(depths, key=depths.get)


def _share(points: list[Point], shard: str) -> list[Point]:
    """The i-th of n interleaved shares, from 'i/n' with i from 0."""
    i, _, n = shard.partition("/")
    if not (i.isdigit() and n.isdigit() and int(i) < int(n)):
        raise UserError(f"--shard={shard} is none; write i/n with i from 0 to n - 1, such as 0/2")
    return points[int(i) :: int(n)]


def _stacked(paths: list[Path]) -> tuple[list[str], dict[str, np.ndarray]]:
    """Image ids, and metric -> [seeds, images], of one row's per-image files."""
    read = [read_scores(path) for path in paths]
    ids, values, _ = read[0]
    for path, (others, _, _) in zip(paths, read, strict=True):
        if others != ids:
            raise UserError(f"{path} has other images than {paths[0]}; remove it to score again")
    return ids, {name: np.stack([row[name] for _, row, _ in read]) for name in values}


def _costs(config: ConfigDict, workdir: Path, rows: list[dict]) -> dict[str, dict]:
    """{setting: cost}; measured once and kept, so that a table made again is the same."""
    path = workdir / "costs.json"
    known = json.loads(path.read_text()) if path.is_file() else {}
    configs = {grid.text(row["setting"]): grid.applied(config, row["setting"]) for row in rows}
    missing = {name: c for name, c in configs.items() if name not in known}
    if missing:
        log(f"measuring what {len(missing)} settings cost")
        known |= cost.measure(missing)
        write_atomic(path, json.dumps(known, indent=1) + "\n")
    return known
