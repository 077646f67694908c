"""The HTML page: one file with its style, its script, its pictures and its data inside."""

import base64
import hashlib
import json
import math
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from samjax.evaluation.score_report import MODEL
from samjax.evaluation.score_table import sigma_text
from samjax.files.atomic import write_atomic
from samjax.metrics import LOWER_IS_BETTER
from samjax.report import curves, priors
from samjax.report.data import ReportData

HEADLINE_METRICS = ("NSS", "CC", "KL", "AUC_Judd", "AUC", "IG")
"""The page opens with the first four of these that were measured."""
NUM_HEADLINE_METRICS = 4
HEADLINE_CONVENTION = "mit"
"""The page opens with an evaluation by this convention, if there is one."""
OBSERVERS = "observers"

Estimate = dict[str, Any]
"""The mean of a score with the bounds of its interval: {"mean", "low", "high", ...}."""


def write_report(workdir: Path, report: ReportData) -> Path:
    """Write DIR/report/index.html, at once or not at all; return its path."""
    return write_atomic(workdir / "report" / "index.html", render(report))


def render(report: ReportData) -> str:
    """Return the page.

    Every text is escaped on its way into the template. The page's content security policy allows
    no script but ours, which it knows by its hash, so that no text can become a program.
    """
    script, style = _read_template("app.js"), _read_template("style.css")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    height, width = report.input_size
    # An undefined name is an error, or a typo in the template would leave a gap on the page.
    environment = Environment(
        loader=PackageLoader("samjax.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"estimate": estimate, "sigma": sigma_text, "number": number}
    return environment.get_template("page.html").render(
        report=report,
        headline=headline(report.evaluations),
        best_methods=best_methods,
        method_title=method_title,
        lower_is_better=LOWER_IS_BETTER,
        config=json.dumps(report.config, indent=2),
        curves=curves,
        difference=difference,
        levels=priors.LEVELS,
        ellipse_radii=priors.ellipse_radii,
        aspect=height / width,
        script=Markup(script),
        style=Markup(style),
        script_hash=f"sha256-{digest}",
    )


def headline(evaluations: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the evaluation that the page opens with, and the metrics that it shows of it.

    Returns:
        {"summary", "metrics"}, or None if the model was never evaluated.
    """
    if not evaluations:
        return None
    by_convention = [s for s in evaluations if s["convention"] == HEADLINE_CONVENTION]
    summary = (by_convention or evaluations)[0]
    measured = [name for name in HEADLINE_METRICS if name in summary["scores"][MODEL]]
    return {"summary": summary, "metrics": measured[:NUM_HEADLINE_METRICS]}


def method_title(method: str) -> str:
    """Return the name of a method as the first cell of its row: "center bias" -> "Center bias"."""
    return method[:1].upper() + method[1:]


def best_methods(summary: dict[str, Any]) -> dict[str, set[str]]:
    """Return for each metric the methods with the best mean, by the digits that the table shows.

    Observers are left out: they are no method, and they are scored on single subjects.
    """
    best = {}
    for metric in summary["scores"][MODEL]:
        sign = -1 if metric in LOWER_IS_BETTER else 1
        # Rounded as the table rounds: equal digits must not have one winner.
        means = {}
        for method, scores in summary["scores"].items():
            mean = scores.get(metric, {}).get("mean")
            if method != OBSERVERS and mean is not None:
                means[method] = sign * round(mean, 3)
        best[metric] = {m for m, mean in means.items() if mean == max(means.values())}
    return best


def estimate(value: Estimate | None, sign: str = "") -> Markup:
    """Return a mean with its interval below it.

    Args:
        value: The estimate; None, or one without a mean, becomes a dash.
        sign: "+" to show the sign of positive numbers too.
    """
    if value is None or value.get("mean") is None:
        return Markup("<span class=none>\N{EN DASH}</span>")
    mean = number(value["mean"], sign=sign)
    interval = f"{number(value['low'], sign=sign)} … {number(value['high'], sign=sign)}"
    return Markup('<span class="mean">{}</span> <span class="interval">{}</span>').format(
        mean, interval
    )


def difference(value: Estimate) -> Markup:
    """Return the estimate of a difference, with its sign and, if there is one, its p value."""
    p = value.get("p")
    tail = "" if p is None else Markup(' <span class="p">p {}</span>').format(f"{p:.4f}")
    return estimate(value, "+") + tail


def number(value: float | None, digits: int = 3, sign: str = "") -> str:
    """Return a number with a true minus sign; a dash where there is no value."""
    if value is None or math.isnan(value):
        return "\N{EN DASH}"
    return f"{value:{sign}.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _read_template(name: str) -> str:
    return resources.files("samjax.report").joinpath("templates", name).read_text("utf-8")
