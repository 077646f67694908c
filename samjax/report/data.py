"""What a work folder holds, collected for its page. What is not there is said, with the command
that makes it."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from ml_collections import ConfigDict

from samjax.console.log import log
from samjax.data.sources import Source, open_dataset
from samjax.errors import UserError
from samjax.evaluation.score_report import MODEL, read_per_image
from samjax.prediction.predictor import Predictor, load_model
from samjax.report import curves, gallery, pictures, priors
from samjax.report.priors import Prior
from samjax.training import config as experiment

RANKING = "NSS"  # spreads the gallery over the split


@dataclass
class Ablation:
    """What `experiments.timesteps` or `experiments.sweep` left: its summary (rows with scores,
    differences and costs), and its plot as a data URI, "" if there is none."""

    summary: dict
    plot: str


@dataclass
class Report:
    """All that a page shows. missing: section -> one line that says how to make it."""

    name: str
    config: ConfigDict
    facts: dict[str, str]
    charts: list[curves.Chart]
    evaluations: list[dict]
    ablation: Ablation | None
    priors: list[list[Prior]] = field(default_factory=list)
    gallery: dict | None = None
    about_gallery: dict = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def collect(
    workdir: Path,
    *,
    dataset: str | None = None,
    split: str | None = None,
    images: int = 100,
    data_dir: str | None = None,
) -> Report:
    """Reads a work folder, and runs its best checkpoint over `images` images of a split.

    dataset, split: those of the config's validation where not given. UserError: DIR is no work
    folder, or the dataset that was asked for is not there.
    """
    name, ablated = workdir.resolve().name, ablation(workdir)
    workdir = model_folder(workdir)
    config = experiment.load_config(workdir)
    model = _model(workdir)
    report = Report(
        name=name,
        config=config,
        facts=_facts(config, model),
        charts=curves.charts(curves.read_metrics(workdir / "metrics.jsonl")),
        evaluations=evaluations(workdir),
        ablation=ablated,
    )
    report.missing = _missing(workdir, report)
    if isinstance(model, UserError):
        report.missing |= {"priors": str(model), "gallery": str(model)}
        return report
    report.priors = priors.collect(model.priors, config)
    asked = dataset is not None or split is not None
    dataset = dataset or next(iter(experiment.parse_mixture(config.data.validation)))
    folder = data_dir or config.data.data_dir
    try:
        found = open_dataset(dataset, Path(folder) if folder else None)
        source = Source(found, split or config.data.validation_split)
    except UserError as error:
        if asked:
            raise
        report.missing["gallery"] = str(error)
        return report
    _fill_gallery(report, model, source, workdir, images)
    return report


def evaluations(workdir: Path) -> list[dict]:
    """The summaries under DIR/evaluation, by dataset, split and convention."""
    return [_json(path) for path in _evaluation_files(workdir)]


def _evaluation_files(workdir: Path) -> list[Path]:
    """Without those of single timesteps, which the ablation's table shows."""
    files = sorted((workdir / "evaluation").glob("*.json"))
    return [path for path in files if not re.search(r"-T\d+$", path.stem)]


def ablation(workdir: Path) -> Ablation | None:
    """The ablation of which this is the work folder, or which lies in its `ablation/`."""
    for folder in (workdir, workdir / "ablation"):
        if (folder / "table.json").is_file():
            plot = folder / "plot.png"
            summary = _json(folder / "table.json")
            return Ablation(summary, pictures.file_uri(plot) if plot.is_file() else "")
    return None


def model_folder(workdir: Path) -> Path:
    """The folder itself, or of an ablation's folder its last point."""
    points = sorted((workdir / "points").glob(f"*/{experiment.CONFIG}"))
    if points and not (workdir / experiment.CONFIG).is_file():
        return points[-1].parent
    return workdir


def _fill_gallery(
    report: Report, model: Predictor, source: Source, workdir: Path, images: int
) -> None:
    log(f"running {model.origin} over {source.dataset.name} {source.split}")
    ids = [source.image_id(i) for i in range(len(source))]
    indices = gallery.choose(ids, images, _ranking(workdir, report.evaluations, source))
    report.gallery = gallery.collect(model, source, indices)
    report.about_gallery = {
        "dataset": source.dataset.name,
        "split": source.split,
        "shown": len(indices),
        "of": len(ids),
        "convention": gallery.CONVENTION,
    }


def _ranking(workdir: Path, summaries: list[dict], source: Source) -> dict[str, float]:
    """image_id -> score by an evaluation of this split; {} if there is none."""
    for path, summary in zip(_evaluation_files(workdir), summaries, strict=True):
        table = path.with_suffix(".csv")
        same = (summary["dataset"], summary["split"]) == (source.dataset.name, source.split)
        if same and RANKING in summary["scores"][MODEL] and table.is_file():
            ids, values, _ = read_per_image(table)
            return dict(zip(ids, values[RANKING].tolist(), strict=True))
    return {}


def _model(workdir: Path) -> Predictor | UserError:
    """The best checkpoint, or why there is none."""
    if not (workdir / "checkpoints").is_dir():
        return UserError(f"{workdir} has no checkpoint yet; train into it first")
    try:
        return load_model(workdir)
    except UserError as error:
        return error


def _facts(config: ConfigDict, model: Predictor | UserError) -> dict[str, str]:
    """Names and values for the page's head."""
    m, height_width = config.model, config.data.input_size
    facts = {
        "Network": f"{m.backbone}, {m.features} features, {m.gaussians} priors per block",
        "Timesteps": str(m.timesteps),
        "Input": f"{height_width[0]} \N{MULTIPLICATION SIGN} {height_width[1]} pixels",
        "Read-out": m.readout,
        "Trained on": f"{config.data.train}, {config.data.train_split}",
        "Seed": str(config.train.seed),
    }
    if isinstance(model, Predictor):
        facts |= {"Parameters": f"{model.parameters:,}", "Weights": model.origin}
    return facts


def _missing(workdir: Path, report: Report) -> dict[str, str]:
    where = f"--config=CONFIG --workdir={workdir}"
    commands = {
        "charts": f"python -m experiments.train {where}",
        "evaluations": f"python -m experiments.evaluate {where}",
        "ablation": f"python -m experiments.timesteps {where} --timesteps=1,2,3,4",
    }
    return {part: command for part, command in commands.items() if not getattr(report, part)}


def _json(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise UserError(f"{path} is damaged ({error}); evaluate again") from error
