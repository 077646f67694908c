"""Scores a model over a split at the stimuli's original sizes, beside its baselines.

    evaluate(model, "osie", "validation", workdir="runs/osie_small")

writes WORKDIR/evaluation/osie-validation-mit.json (means, intervals, differences from the best
baseline) and .csv (one row per image), and returns the summary.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
from ml_collections import ConfigDict

from samjax.console.log import log
from samjax.console.progress import track
from samjax.data.mixture import parse_mixture
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError
from samjax.evaluation import score_report, score_table
from samjax.evaluation.scoreboard import Scoreboard
from samjax.evaluation.scores import Scores
from samjax.evaluation.split_maps import split_maps
from samjax.evaluation.versions import versions
from samjax.files.json_file import write_json
from samjax.parallel.processes import is_main_process
from samjax.prediction.predictor import Predictor, load_model
from samjax.training.config_check import check_config
from samjax.training.config_file import differences
from samjax.training.restore import read_config
from samjax.training.work_folder import publish


def evaluate(
    model: Predictor,
    dataset: str,
    split: str,
    *,
    convention: str = "mit",
    data_dir: str | Path | None = None,
    workdir: str | Path | None = None,
    batch_size: int = 8,
    timesteps: int | None = None,
    postprocess: str = "none",
    until_ms: float | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Score a model over a split of a prepared dataset, and return the summary.

    Args:
        model: As `load_model` gives it.
        dataset: The name of the dataset.
        split: One of its splits.
        convention: "mit", "tuebingen" or "salicon".
        data_dir: Where prepared datasets are.
        workdir: Where the scores are written; nowhere if None.
        batch_size: How many images the network takes at once.
        timesteps: How often the attentive LSTM looks; as in training if None.
        postprocess: See `to_original`.
        until_ms: See `Source`.
        options: names, baseline_split, baselines, trials and seed, see `Scoreboard`.

    Raises:
        UserError: There is no such convention, dataset or split.
    """
    source = Source(open_dataset(dataset, data_dir), split, until_ms)
    densities = model.density and postprocess == "none"
    board = Scoreboard(source, convention, densities=densities, **options)
    images = split_maps(model, source, batch_size, timesteps=timesteps, postprocess=postprocess)
    total = _images_per_process(source)
    for position, maps in track(images, total, f"evaluating {dataset} {source.title}"):
        board.add(source[position], maps[0], position)
    results, scores = board.result()
    summary = results | _provenance(model, timesteps, postprocess)
    if workdir is not None and is_main_process():
        write(summary, scores, Path(workdir))
    return summary


def evaluate_timesteps(
    model: Predictor,
    dataset: str,
    split: str,
    timesteps: Sequence[int],
    workdir: str | Path,
    *,
    convention: str = "mit",
    data_dir: str | Path | None = None,
    batch_size: int = 8,
    until_ms: float | None = None,
    **options: Any,
) -> None:
    """Score what a model predicts after each of these timesteps, in one pass over the split.

    Write the files of `evaluate` with the timestep behind their name, as
    WORKDIR/evaluation/osie-validation-mit-T2.json. The arguments are those of `evaluate`.
    """
    source = Source(open_dataset(dataset, data_dir), split, until_ms)
    board = Scoreboard(source, convention, densities=model.density, **options)
    images = split_maps(model, source, batch_size, timesteps=timesteps)
    doing = f"evaluating every timestep on {dataset} {source.title}"
    for position, maps in track(images, _images_per_process(source), doing):
        by_timestep = {f"T{t}": saliency for t, saliency in zip(timesteps, maps, strict=True)}
        board.add(source[position], by_timestep, position)
    for t in timesteps:
        results, scores = board.result(f"T{t}")
        if is_main_process():
            write(results | _provenance(model, t, "none"), scores, Path(workdir), f"-T{t}")


def _images_per_process(source: Source) -> int:
    """Return how many of a split's images this process scores, at most."""
    return -(-len(source) // jax.process_count())


def _provenance(model: Predictor, timesteps: int | None, postprocess: str) -> dict[str, Any]:
    """Return what made the maps, for the summary."""
    return {
        "postprocess": postprocess,
        "timesteps": timesteps,
        "weights": model.origin,
        "input_size": list(model.input_size),
        "map_size": list(model.map_size),
        "buckets": [list(canvas.input) for canvas in model.canvases[1:]],
        "versions": versions(),
    }


def evaluate_workdir(
    config: ConfigDict,
    workdir: str | Path,
    dataset: str | None = None,
    split: str | None = None,
    convention: str = "mit",
    timesteps: int | None = None,
    until_ms: float | None = None,
) -> dict[str, Any]:
    """Evaluate the best checkpoint of a work folder of training; print and return the summary.

    Args:
        config: Says where the data are, and the batch size.
        workdir: The work folder.
        dataset: The config's validation set (its first one) if None.
        split: The config's validation split if None.
        convention: "mit", "tuebingen" or "salicon".
        timesteps: How often the attentive LSTM looks; as in training if None.
        until_ms: See `Source`.

    Raises:
        UserError: The work folder, the dataset, the split or the convention does not exist.
    """
    check_config(config)
    if not Path(workdir).is_dir():
        raise UserError(f"{workdir} does not exist; train into it first")
    log(f"loading {workdir}")
    for line in differences(config.model, read_config(Path(workdir)).model):
        log(f"the network is the work folder's, not the config's: model.{line}")
    summary = evaluate(
        load_model(workdir),
        dataset or next(iter(parse_mixture(config.data.validation))),
        split or config.data.validation_split,
        convention=convention,
        data_dir=config.data.data_dir or None,
        workdir=workdir,
        batch_size=config.train.batch_size,
        timesteps=timesteps,
        until_ms=until_ms,
    )
    if is_main_process():
        score_table.print_summary(summary)
    return summary


def write(summary: dict[str, Any], scores: Scores, workdir: Path, suffix: str = "") -> None:
    """Write WORKDIR/evaluation/DATASET-SPLIT-CONVENTION.csv, then .json.

    Each file appears at once or not at all, and the .json last, so that it stands for both.
    """
    name = file_name(summary["dataset"], summary["split"], summary["convention"], suffix)
    folder = workdir / "evaluation"
    score_report.write_per_image(folder / f"{name}.csv", scores, summary)
    write_json(folder / f"{name}.json", summary)
    publish(workdir)  # where it stands for an address


def file_name(dataset: str, split: str, convention: str, suffix: str = "") -> str:
    """Return the name, without ending, of an evaluation's files."""
    split = "".join(c if c.isalnum() else "_" for c in split)
    return f"{dataset}-{split}-{convention}{suffix}"
