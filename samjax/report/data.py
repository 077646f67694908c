"""What the page of a work folder shows, collected from the folder and from the model in it.

What is not there yet is no error: in its place the page shows the command that makes it.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ml_collections import ConfigDict

from samjax.console.log import log
from samjax.data.mixture import parse_mixture
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError
from samjax.prediction.predictor import Predictor, load_model
from samjax.report import curves, gallery, priors
from samjax.report.priors import PriorChange
from samjax.report.workfolder import (
    Ablation,
    model_folder,
    read_ablation,
    read_evaluations,
    read_ranking,
)
from samjax.training.config import build_model
from samjax.training.restore import read_config


@dataclass
class ReportData:
    """All that a page shows.

    Attributes:
        name: The name of the work folder, which is the page's title.
        config: The fields of the config that the model was trained with, by section.
        input_size: Height and width of the model's first canvas, in pixels.
        facts: Names and values about the model.
        charts: The training curves.
        evaluations: The summaries of the model's evaluations.
        ablation: The ablation that the folder is of, if any.
        priors: The learned Gaussians of each block of priors.
        gallery: What `gallery.collect` returns, or None if there is no gallery.
        about_gallery: Which images the gallery shows, and how they were scored.
        missing: For each section that has nothing to show, a line that says how to make it.
        failed: A line for each file and each image that could not be used.
    """

    name: str
    config: dict[str, Any]
    input_size: tuple[int, int]
    facts: dict[str, str]
    charts: list[curves.Chart]
    evaluations: list[dict[str, Any]]
    ablation: Ablation | None
    priors: list[list[PriorChange]] = field(default_factory=list)
    gallery: dict[str, Any] | None = None
    about_gallery: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


def collect(
    workdir: Path,
    *,
    dataset: str | None = None,
    split: str | None = None,
    images: int = 100,
    data_dir: str | None = None,
) -> ReportData:
    """Read a work folder, and run its best checkpoint over images of a split.

    Args:
        workdir: A work folder of training, or of an ablation, whose last point is then shown.
        dataset: The gallery's dataset; that of the config's validation if None.
        split: The gallery's split; that of the config's validation if None.
        images: How many images the gallery shows.
        data_dir: Where prepared datasets are; as in the config if None.

    Raises:
        UserError: The folder is no work folder, a file in it is damaged, or the dataset or split
            that was asked for is not there.
    """
    failed: list[str] = []
    name, ablation = workdir.resolve().name, read_ablation(workdir, failed)
    workdir = model_folder(workdir)
    config = read_config(workdir)
    report = ReportData(
        name=name,
        config=config.to_dict(),
        input_size=config.data.input_size,
        facts=_config_facts(config),
        charts=curves.make_charts(curves.read_metrics(workdir / "metrics.jsonl")),
        evaluations=read_evaluations(workdir, failed),
        ablation=ablation,
        failed=failed,
    )
    report.missing = _missing_sections(workdir, report)
    try:
        model = _load_checkpoint(workdir)
    except UserError as error:
        report.missing |= {"priors": str(error), "gallery": str(error)}
        return report
    report.facts |= {"Parameters": f"{model.parameters:,}", "Weights": model.origin}
    report.priors = _prior_changes(model, config)
    try:
        source = _open_source(config, dataset, split, data_dir)
    except UserError as error:
        # Without the validation data a report is still worth having, unless they were asked for.
        if dataset is not None or split is not None:
            raise
        report.missing["gallery"] = str(error)
        return report
    _add_gallery(report, model, source, workdir, images)
    return report


def _open_source(
    config: ConfigDict, dataset: str | None, split: str | None, data_dir: str | None
) -> Source:
    """Open the gallery's split, where not named the one that the config validates on."""
    dataset = dataset or next(iter(parse_mixture(config.data.validation)))
    folder = data_dir or config.data.data_dir
    return Source(open_dataset(dataset, folder or None), split or config.data.validation_split)


def _add_gallery(
    report: ReportData, model: Predictor, source: Source, workdir: Path, images: int
) -> None:
    """Run the model over chosen images of a split, and put them into the report."""
    log(f"running {model.origin} over {source.dataset.name} {source.split}")
    image_ids = [source.image_id(i) for i in range(len(source))]
    ranking = read_ranking(workdir, source, report.failed)
    indices = gallery.choose_images(image_ids, images, ranking)
    report.gallery = gallery.collect(model, source, indices, failed=report.failed)
    report.about_gallery = {
        "dataset": source.dataset.name,
        "split": source.split,
        "shown": len(report.gallery["images"]),
        "of": len(image_ids),
        "convention": gallery.CONVENTION,
    }


def _prior_changes(model: Predictor, config: ConfigDict) -> list[list[PriorChange]]:
    """Return the model's Gaussians beside those that its training began with."""
    if not model.priors:
        return []
    # The config does not say what a trained network had that the training began from.
    if config.train.start_from:
        return priors.collect(model.priors, None)
    network, size = build_model(config), config.data.input_size
    return priors.collect(model.priors, priors.initial_gaussians(network, config.train.seed, size))


def _load_checkpoint(workdir: Path) -> Predictor:
    """Load the best checkpoint; UserError says why there is none."""
    if not (workdir / "checkpoints").is_dir():
        raise UserError(f"{workdir} has no checkpoint yet; train into it first")
    return load_model(workdir)


def _config_facts(config: ConfigDict) -> dict[str, str]:
    """Return what the config says about the model, by name."""
    model, (height, width) = config.model, config.data.input_size
    return {
        "Network": f"{model.backbone}, {model.features} features, "
        f"{model.gaussians} priors per block",
        "Timesteps": str(model.timesteps),
        "Input": f"{height} \N{MULTIPLICATION SIGN} {width} pixels",
        "Read-out": model.readout,
        "Trained on": f"{config.data.train}, {config.data.train_split}",
        "Seed": str(config.train.seed),
    }


def _missing_sections(workdir: Path, report: ReportData) -> dict[str, str]:
    """Return the command that makes each section for which the folder holds nothing."""
    flags = f"--config=CONFIG --workdir={workdir}"
    commands = {
        "charts": f"python -m experiments.train {flags}",
        "evaluations": f"python -m experiments.evaluate {flags}",
        "ablation": f"python -m experiments.timesteps {flags} --timesteps=1,2,3,4",
    }
    return {name: command for name, command in commands.items() if not getattr(report, name)}
