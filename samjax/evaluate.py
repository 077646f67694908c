"""Scores a model over a split at the stimuli's original sizes, beside its baselines.

    evaluate(model, "osie", "validation", workdir="runs/osie_small")

writes WORKDIR/evaluation/osie-validation-mit.json (means, intervals, differences from the best
baseline) and .csv (one row per image), and returns the summary.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from ml_collections import ConfigDict

from samjax import score_report, score_table
from samjax.data.example import Example
from samjax.data.pipeline import eval_batches
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError
from samjax.experiment import differences, load_config, parse_mixture
from samjax.metrics import metric_names
from samjax.postprocess import to_original
from samjax.predict import frame_maps
from samjax.restore import load_model
from samjax.scoreboard import TRIALS, Scoreboard
from samjax.scores import Scores
from samjax.tally import say, tallied


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
    baseline_split: str | None = "train",
    names: Iterable[str] = (),
    trials: int = TRIALS,
    seed: int = 0,
) -> dict:
    """Scores `model` over a split; returns the summary, and writes it if there is a workdir.

    model: as `samjax.restore.load_model` gives it. baseline_split, names, trials: see `Scoreboard`.
    """
    metric_names(convention)  # an unknown convention fails before the work, not after it
    source = Source(open_dataset(dataset, Path(data_dir) if data_dir else None), split)
    options = {"names": names, "baseline_split": baseline_split, "trials": trials, "seed": seed}
    densities = model.density and postprocess == "none"
    board = Scoreboard(source, convention, densities=densities, **options)
    maps = model_maps(model, source, batch_size, timesteps=timesteps, postprocess=postprocess)
    for example, saliency in tallied(maps, f"evaluating {dataset} {split}", len(source)):
        board.add(example, saliency)
    results, scores = board.result()
    summary = results | {
        "postprocess": postprocess,
        "timesteps": timesteps,
        "weights": model.origin,
        "input_size": list(model.input_size),
        "map_size": list(model.map_size),
        "versions": score_report.versions(),
    }
    if workdir is not None:
        write(summary, scores, Path(workdir))
    return summary


def evaluate_workdir(
    config: ConfigDict,
    workdir: str | Path,
    dataset: str | None = None,
    split: str | None = None,
    convention: str = "mit",
    timesteps: int | None = None,
) -> dict:
    """Evaluates the best checkpoint of a work folder; prints the table, returns the summary.

    dataset, split: the config's validation set (its first one) and split where not given.
    """
    if not Path(workdir).is_dir():
        raise UserError(f"{workdir} does not exist; train into it first")
    say(f"loading {workdir}")
    for line in differences(config.model, load_config(workdir).model):
        say(f"the network is the work folder's, not the config's: model.{line}")
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
    )
    score_table.print_summary(summary)
    return summary


def write(summary: dict, scores: Scores, workdir: Path) -> None:
    """WORKDIR/evaluation/DATASET-SPLIT-CONVENTION.json and .csv, each at once or not at all."""
    split = "".join(c if c.isalnum() else "_" for c in summary["split"])
    base = workdir / "evaluation" / f"{summary['dataset']}-{split}-{summary['convention']}"
    score_report.write_per_image(base.with_name(base.name + ".csv"), scores, summary)
    score_report.write_summary(base.with_name(base.name + ".json"), summary)


def model_maps(
    model, source: Source, batch_size: int, *, timesteps=None, postprocess: str = "none"
) -> Iterator[tuple[Example, np.ndarray]]:
    """Every example of a source, in order, with the model's map at its original size."""
    batches = eval_batches(
        source, batch_size=batch_size, input_size=model.input_size, map_size=model.map_size
    )
    for batch in batches:
        framed = frame_maps(model, np.asarray(batch["image"]), timesteps)
        for index, saliency in zip(np.asarray(batch["index"]), framed, strict=True):
            if index < 0:  # fills the last batch
                continue
            example = source[index]
            size = example.height, example.width
            yield (
                example,
                to_original(saliency, *size, density=model.density, postprocess=postprocess),
            )
