"""Fills the template: one HTML file with its style, its script and its data inside."""

import base64
import hashlib
import json
import math
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from samjax.evaluation.score_report import MODEL
from samjax.evaluation.score_table import sigma_text
from samjax.files.atomic import write_atomic
from samjax.metrics import LOWER_IS_BETTER
from samjax.report import curves, priors
from samjax.report.data import Report

HEADLINE = ("NSS", "CC", "KL", "AUC_Judd", "AUC", "IG")  # the first four that were measured
ROWS = {MODEL: "Model"}  # a method's name in tables, where it is another


def write_report(workdir: Path, report: Report) -> Path:
    """Writes DIR/report/index.html, at once or not at all."""
    return write_atomic(workdir / "report" / "index.html", render(report))


def render(report: Report) -> str:
    """The page. Every text is escaped on its way in; the script's hash is the only one allowed."""
    script, style = _file("app.js"), _file("style.css")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    height, width = report.config.data.input_size
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
        best=best_methods,
        method_name=lambda method: ROWS.get(method, method[:1].upper() + method[1:]),
        lower=LOWER_IS_BETTER,
        config=json.dumps(report.config.to_dict(), indent=2),
        curves=curves,
        interval=interval,
        levels=priors.LEVELS,
        radii=priors.radii,
        aspect=height / width,
        script=Markup(script),
        style=Markup(style),
        script_hash=f"sha256-{digest}",
    )


def headline(summaries: list[dict]) -> dict | None:
    """{"summary", "metrics"} of the evaluation to open the page with; None if there is none."""
    if not summaries:
        return None
    summary = next((s for s in summaries if s["convention"] == "mit"), summaries[0])
    measured = [name for name in HEADLINE if name in summary["scores"][MODEL]]
    return {"summary": summary, "metrics": measured[:4]}


def best_methods(summary: dict) -> dict[str, set[str]]:
    """metric -> the methods with the best mean, as the table shows it, but without observers."""
    found = {}
    for name in summary["scores"][MODEL]:
        sign = -1 if name in LOWER_IS_BETTER else 1
        means = {
            method: sign * round(row[name]["mean"], 3)
            for method, row in summary["scores"].items()
            if method != "observers" and row.get(name, {}).get("mean") is not None
        }
        found[name] = {m for m, mean in means.items() if mean == max(means.values())}
    return found


def estimate(value: dict | None, sign: str = "") -> Markup:
    """A mean with its interval below it."""
    if value is None or value.get("mean") is None:
        return Markup("<span class=none>\N{EN DASH}</span>")
    mean = number(value["mean"], sign=sign)
    interval = f"{number(value['low'], sign=sign)} … {number(value['high'], sign=sign)}"
    return Markup('<span class="mean">{}</span> <span class="interval">{}</span>').format(
        mean, interval
    )


def interval(value: dict, sign: str = "") -> Markup:
    """`estimate`, with the p value of a difference."""
    p = value.get("p")
    tail = "" if p is None else Markup(' <span class="p">p {}</span>').format(f"{p:.4f}")
    return estimate(value, sign) + tail


def number(value: float | None, digits: int = 3, sign: str = "") -> str:
    """With a true minus sign; a dash where there is no value."""
    if value is None or math.isnan(value):
        return "\N{EN DASH}"
    return f"{value:{sign}.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _file(name: str) -> str:
    return resources.files("samjax.report").joinpath("templates", name).read_text("utf-8")
