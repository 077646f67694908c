"""Scores a model over a split at the stimuli's original sizes, beside three baselines.

    evaluate(model, "osie", "validation", workdir="runs/osie_small")

writes WORKDIR/evaluation/osie-validation-mit.json (means, intervals, differences from the best
baseline) and .csv (one row per image), and returns the summary.
"""

from collections.abc import Iterator
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import numpy as np
from ml_collections import ConfigDict

from samjax import baselines, score_report
from samjax.data.example import Example
from samjax.data.images import decode_density
from samjax.data.pipeline import eval_batches
from samjax.data.sources import Dataset, Source, open_dataset
from samjax.errors import UserError
from samjax.experiment import differences, load_config, parse_mixture
from samjax.metrics import metric_names
from samjax.metrics.ground_truth import count_map, density_map
from samjax.postprocess import to_original
from samjax.predict import frame_maps
from samjax.restore import load_model
from samjax.scores import Case, Scores, score
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
    seed: int = 0,
) -> dict:
    """Scores `model` over a split; returns the summary, and writes it if there is a workdir.

    model: as `samjax.restore.load_model` gives it. baseline_split: where the mean density comes
    from (None, or a split that the dataset lacks: that baseline is left out).
    """
    metric_names(convention)  # an unknown convention fails before the work, not after it
    opened = open_dataset(dataset, Path(data_dir) if data_dir else None)
    source = Source(opened, split)
    maps = model_maps(model, source, batch_size, timesteps=timesteps, postprocess=postprocess)
    draw = _baseline_maps(_mean_density(opened, baseline_split))
    cases = _cases(maps, draw, convention)
    scores = score(tallied(cases, f"evaluating {dataset} {split}", len(source)), convention)
    summary = {
        "dataset": dataset,
        "edition": opened.edition,
        "split": split,
        "convention": convention,
        "resolution": "original",
        "sigma": asdict(opened.sigma),
        "postprocess": postprocess,
        "timesteps": timesteps,
        "weights": model.origin,
        "input_size": list(model.input_size),
        "map_size": list(model.map_size),
        "versions": score_report.versions(),
        **score_report.summarise(scores, seed=seed),
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
    print_table(summary)
    return summary


def write(summary: dict, scores: Scores, workdir: Path) -> None:
    """WORKDIR/evaluation/DATASET-SPLIT-CONVENTION.json and .csv, each at once or not at all."""
    split = "".join(c if c.isalnum() else "_" for c in summary["split"])
    base = workdir / "evaluation" / f"{summary['dataset']}-{split}-{summary['convention']}"
    score_report.write_per_image(base.with_name(base.name + ".csv"), scores)
    score_report.write_summary(base.with_name(base.name + ".json"), summary)


def print_table(summary: dict) -> None:
    """The summary as a table on standard output; what it leaves out on standard error."""
    about = (summary["dataset"], summary["split"], f"{summary['images']} images")
    print(*about, f"convention {summary['convention']}, original resolution", sep=", ")
    print(score_report.format_table(summary))
    for name in summary["not_finite"]:
        say(f"no score, the map is not finite: {name}")


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


def ground_truth(example: Example, convention: str) -> tuple[np.ndarray, np.ndarray]:
    """Counts and density [height, width] of an example; the published density, if that is all."""
    size = example.height, example.width
    counts = count_map(example.fixations, *size)
    if len(example.fixations) or not example.density:
        return counts, density_map(counts, example.sigma_px, convention)
    published = baselines.resize_density(decode_density(example.density), *size)
    return counts, published.astype(np.float32)


def _cases(maps, draw_baselines, convention: str) -> Iterator[Case]:
    for example, saliency in maps:
        beside = draw_baselines(example.height, example.width)
        counts, density = ground_truth(example, convention)
        yield Case(example.image_id, {score_report.MODEL: saliency, **beside}, counts, density)


def _baseline_maps(mean: np.ndarray | None):
    """draw(height, width) -> baseline name -> map; a few sizes are kept."""

    @lru_cache(maxsize=8)
    def draw(height: int, width: int) -> dict[str, np.ndarray]:
        maps = {
            "uniform": baselines.uniform(height, width),
            "center Gaussian": baselines.center_gaussian(height, width),
        }
        if mean is not None:
            maps["mean density"] = baselines.resize_density(mean, height, width).astype(np.float32)
        return maps

    return draw


def _mean_density(dataset: Dataset, split: str | None) -> np.ndarray | None:
    if split is None:
        return None
    try:
        source = Source(dataset, split)
        return baselines.mean_density(source[i] for i in range(len(source)))
    except UserError as error:
        say(f"without the baseline 'mean density': {error}")
        return None
