"""Scores a model over a split at the stimuli's original sizes, beside its baselines.

    evaluate(model, "osie", "validation", workdir="runs/osie_small")

writes WORKDIR/evaluation/osie-validation-mit.json (means, intervals, differences from the best
baseline) and .csv (one row per image), and returns the summary.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import jax
import numpy as np
from ml_collections import ConfigDict

from samjax.console.log import log
from samjax.console.progress import track
from samjax.data.pipeline import eval_batches
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError
from samjax.evaluation import score_report, score_table
from samjax.evaluation.scoreboard import Scoreboard
from samjax.evaluation.scores import Scores
from samjax.metrics import metric_names
from samjax.parallel.processes import is_main_process
from samjax.prediction.postprocess import to_original
from samjax.prediction.predict import predict_last, predict_timesteps
from samjax.prediction.predictor import load_model
from samjax.training.config import differences, load_config, parse_mixture


def evaluate(
    model,
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
    **options,
) -> dict:
    """Scores `model` over a split; returns the summary, and writes it if there is a workdir.

    model: as `load_model` gives it. until_ms: see `Source`. options: names,
    baseline_split, baselines, trials, seed, see `Scoreboard`.
    """
    metric_names(convention)  # an unknown convention fails before the work, not after it
    source = Source(open_dataset(dataset, data_dir), split, until_ms)
    densities = model.density and postprocess == "none"
    board = Scoreboard(source, convention, densities=densities, **options)
    maps = model_maps(model, source, batch_size, timesteps=timesteps, postprocess=postprocess)
    for i, saliency in track(maps, _share(source), f"evaluating {dataset} {source.title}"):
        board.add(source[i], saliency, i)
    results, scores = board.result()
    summary = results | _about(model, timesteps, postprocess)
    if workdir is not None and is_main_process():
        write(summary, scores, Path(workdir))
    return summary


def evaluate_timesteps(
    model,
    dataset: str,
    split: str,
    steps: Sequence[int],
    workdir: str | Path,
    *,
    convention: str = "mit",
    data_dir: str | Path | None = None,
    batch_size: int = 8,
    until_ms: float | None = None,
    **options,
) -> None:
    """Scores what `model` predicts after each of these timesteps, in one pass over the split.

    Writes the files of `evaluate` with the timestep behind their name, as
    WORKDIR/evaluation/osie-validation-mit-T2.json.
    """
    source = Source(open_dataset(dataset, data_dir), split, until_ms)
    board = Scoreboard(source, convention, densities=model.density, **options)
    maps = model_maps(model, source, batch_size, steps=steps)
    doing = f"evaluating every timestep on {dataset} {source.title}"
    for i, saliency in track(maps, _share(source), doing):
        board.add(source[i], {f"T{t}": m for t, m in zip(steps, saliency, strict=True)}, i)
    for t in steps:
        results, scores = board.result(f"T{t}")
        if is_main_process():
            write(results | _about(model, t, "none"), scores, Path(workdir), f"-T{t}")


def _share(source: Source) -> int:
    """How many of a split's images this process scores, at most."""
    return -(-len(source) // jax.process_count())


def _about(model, timesteps: int | None, postprocess: str) -> dict:
    """What made the maps."""
    return {
        "postprocess": postprocess,
        "timesteps": timesteps,
        "weights": model.origin,
        "input_size": list(model.input_size),
        "map_size": list(model.map_size),
        "buckets": [list(canvas.input) for canvas in model.canvases[1:]],
        "versions": score_report.versions(),
    }


def evaluate_workdir(
    config: ConfigDict,
    workdir: str | Path,
    dataset: str | None = None,
    split: str | None = None,
    convention: str = "mit",
    timesteps: int | None = None,
    until_ms: float | None = None,
) -> dict:
    """Evaluates the best checkpoint of a work folder; prints the table, returns the summary.

    dataset, split: the config's validation set (its first one) and split where not given.
    """
    if not Path(workdir).is_dir():
        raise UserError(f"{workdir} does not exist; train into it first")
    log(f"loading {workdir}")
    for line in differences(config.model, load_config(workdir).model):
        log(f"the network is the work folder's, not the config's: model.{line}")
    dataset = dataset or next(iter(parse_mixture(config.data.validation)))
    split = split or config.data.validation_split
    summary = evaluate(
        load_model(workdir),
        dataset,
        split,
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


def write(summary: dict, scores: Scores, workdir: Path, suffix: str = "") -> None:
    """WORKDIR/evaluation/DATASET-SPLIT-CONVENTION.csv, then .json, each at once or not at all."""
    name = file_name(summary["dataset"], summary["split"], summary["convention"], suffix)
    folder = workdir / "evaluation"
    score_report.write_per_image(folder / f"{name}.csv", scores, summary)
    score_report.write_summary(folder / f"{name}.json", summary)


def file_name(dataset: str, split: str, convention: str, suffix: str = "") -> str:
    """The name, without ending, of an evaluation's files."""
    split = "".join(c if c.isalnum() else "_" for c in split)
    return f"{dataset}-{split}-{convention}{suffix}"


def model_maps(
    model,
    source: Source,
    batch_size: int,
    *,
    timesteps: int | None = None,
    steps: Sequence[int] = (),
    postprocess: str = "none",
) -> Iterator[tuple[int, np.ndarray]]:
    """(index, map) of this process's examples of a source, one frame of the model after the other:
    the model's map at the original size; with `steps` those [S, height, width] after each."""
    batches = eval_batches(
        source,
        batch_size=batch_size,
        canvases=model.canvases,
        process_index=jax.process_index(),
        process_count=jax.process_count(),
    )
    for batch in batches:
        images = np.asarray(batch["image"])
        if steps:
            on_canvas = predict_timesteps(model, images, steps)
        else:
            on_canvas = predict_last(model, images, timesteps)[:, None]
        for index, saliency in zip(np.asarray(batch["index"]), on_canvas, strict=True):
            if index < 0:  # fills the last batch
                continue
            example = source[index]
            size = example.height, example.width
            options = {"density": model.density, "postprocess": postprocess}
            maps = [to_original(m, *size, **options) for m in saliency]
            yield int(index), (np.stack(maps) if steps else maps[0])
