"""What programs left in a work folder: evaluations, an ablation, and where its model lies."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samjax.data.sources import Source
from samjax.errors import UserError
from samjax.evaluation.score_report import MODEL, read_per_image
from samjax.files.json_file import read_json
from samjax.report import pictures
from samjax.report.summary_check import check_ablation, check_evaluation
from samjax.training.config_file import CONFIG

RANKING_METRIC = "NSS"
"""The metric by which the gallery's images are spread from the best to the worst."""


@dataclass
class Ablation:
    """What `experiments.timesteps` or `experiments.sweep` left.

    Attributes:
        summary: The content of its `table.json`: rows with scores, differences and costs.
        plot: Its plot as a data URI, "" if there is none.
    """

    summary: dict[str, Any]
    plot: str


def read_evaluations(workdir: Path, failed: list[str] | None = None) -> list[dict[str, Any]]:
    """Return the summaries under DIR/evaluation, by dataset, split and convention.

    Args:
        workdir: The work folder.
        failed: Gets a line for each file that is damaged; if None, such a file is an error.

    Raises:
        UserError: One of them is damaged.
    """
    return [summary for _, summary in _evaluations(workdir, failed)]


def _evaluations(workdir: Path, failed: list[str] | None) -> list[tuple[Path, dict[str, Any]]]:
    """Return each evaluation's file with its summary; see `read_evaluations`."""
    evaluations = []
    for path in _evaluation_files(workdir):
        try:
            evaluations.append((path, check_evaluation(read_json(path), path, MODEL)))
        except (UserError, OSError) as error:
            if failed is None:
                raise
            failed.append(str(error))
    return evaluations


def _evaluation_files(workdir: Path) -> list[Path]:
    """Return the summaries' files, without those of single timesteps.

    The table of the ablation shows single timesteps; beside whole evaluations they would repeat it.
    """
    # By name, so that the page does not depend on the file system's order.
    files = sorted((workdir / "evaluation").glob("*.json"))
    return [path for path in files if not re.search(r"-T\d+$", path.stem)]


def read_ablation(workdir: Path, failed: list[str] | None = None) -> Ablation | None:
    """Return the ablation that this folder is of, or that lies in its `ablation/`, if any.

    Args:
        workdir: The work folder.
        failed: See `read_evaluations`.

    Raises:
        UserError: Its table is damaged.
    """
    for folder in (workdir, workdir / "ablation"):
        if (folder / "table.json").is_file():
            plot = folder / "plot.png"
            try:
                path = folder / "table.json"
                summary = check_ablation(read_json(path), path)
            except (UserError, OSError) as error:
                if failed is None:
                    raise
                failed.append(str(error))
                return None
            return Ablation(summary, pictures.file_uri(plot) if plot.is_file() else "")
    return None


def model_folder(workdir: Path) -> Path:
    """Return the folder that holds the model: this one, or the last point of an ablation in it."""
    points = sorted((workdir / "points").glob(f"*/{CONFIG}"))
    if points and not (workdir / CONFIG).is_file():
        return points[-1].parent
    return workdir


def read_ranking(workdir: Path, source: Source, failed: list[str]) -> dict[str, float]:
    """Return the score of each image by an evaluation of this split, {} if there is none.

    Args:
        workdir: The work folder.
        source: The split.
        failed: Gets a line for a file that is damaged.
    """
    for path, summary in _evaluations(workdir, []):
        table = path.with_suffix(".csv")
        # Scores of another split would rank its images, not these.
        is_same = (summary["dataset"], summary["split"]) == (source.dataset.name, source.split)
        if is_same and RANKING_METRIC in summary["scores"][MODEL] and table.is_file():
            try:
                image_ids, values, _ = read_per_image(table)
            except UserError as error:
                failed.append(str(error))
                continue
            if RANKING_METRIC in values:
                return dict(zip(image_ids, values[RANKING_METRIC].tolist(), strict=True))
    return {}
