"""The tables of a model card, in Markdown."""

from collections.abc import Iterable, Sequence
from typing import Any

from samjax.evaluation.scores import MODEL
from samjax.weights import Pretrained

UNKNOWN = "unknown"
RESIZE_MODES = {
    "letterbox": "shrunk or enlarged whole, centred, black around it",
    "paper": "as the release does",
}


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a Markdown table; None and empty texts are shown as unknown."""
    cells = [list(columns), ["---"] * len(columns), *(map(_cell, row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)


def _cell(value: Any) -> str:
    if value is None or value == "":
        return UNKNOWN
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return " ".join(text.replace("|", "\\|").split())


def network(facts: dict[str, Any], weights: Pretrained, size: int | None) -> str:
    """Return what the network is: its fields, its sizes and its input."""
    model = weights.model
    flat = weights.flat()
    learned = sum(array.size for path, array in flat.items() if path[0] == "params")
    rows: list[Sequence[Any]] = [
        ("backbone", model["backbone"]),
        ("parameters", learned),
        ("kernels on disk", facts.get("dtype", "float32")),
        ("size of the file", f"{size / 2**20:.1f} MiB" if size else "no file yet"),
    ]
    if weights.kind == "sam":
        sizes = ", ".join(f"{h} x {w}" for h, w in (weights.input_size, *weights.buckets))
        rows += [
            ("features", model.get("features")),
            ("timesteps of the attentive LSTM", model.get("timesteps")),
            *_viewing_times(weights),
            ("Gaussian priors in each block", model.get("gaussians")),
            ("read-out", model.get("readout")),
            ("inputs, height x width in pixels", sizes),
            ("an image is put there", RESIZE_MODES.get(weights.resize_mode, weights.resize_mode)),
        ]
    return table(("", ""), rows)


def _viewing_times(weights: Pretrained) -> list[tuple[str, str]]:
    """Return a row with the time that each timestep stands for, if the network knows times."""
    times = ", ".join(f"{time:g} ms" for time in weights.viewing_times_ms)
    return [("people have looked there within", times)] if times else []


def all_data(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the datasets of the run and of those that it started from."""
    ancestors = [row for ancestor in facts.get("ancestors", []) for row in ancestor["data"]]
    return [*facts.get("data", []), *ancestors]


def data(facts: dict[str, Any]) -> str:
    """Return the datasets of the run, with their splits and licences."""
    parts = [("this run", facts.get("data", []))]
    parts += [(ancestor["name"], ancestor["data"]) for ancestor in facts.get("ancestors", [])]
    columns = ("run", "dataset", "used", "split", "images", "fixations", "weight", "edition")
    keys = ("name", "role", "split", "images", "fixations", "weight", "edition")
    rows = [[run, *(row[key] for key in keys)] for run, used in parts for row in used]
    if not rows:
        return "Unknown, but for what the table of licences says."
    recipes = dict.fromkeys((row["name"], row["split_recipe"]) for row in all_data(facts))
    told = [f"- {name}: {recipe or UNKNOWN}" for name, recipe in recipes]
    return "\n".join([table(columns, rows), "", "How the splits were made:", "", *told])


def licences(facts: dict[str, Any]) -> str:
    """Return who owns each ingredient and what it allows."""
    own = facts["licence"] or "unknown: nobody who published them has stated one"
    rows: list[Sequence[Any]] = [("these weights", "who published them", own, facts["name"])]
    rows += [
        (row["what"], row["owner"], row["licence"], row["source"])
        for row in facts.get("ingredients", [])
    ]
    datasets = {row["name"]: row for row in all_data(facts)}
    rows += [
        (f"data: {name}", "its authors, see the citation", row["licence"], row["edition"])
        for name, row in datasets.items()
    ]
    return table(("what", "whose", "licence", "source"), rows)


def scores(facts: dict[str, Any]) -> str:
    """Return a table for each evaluation: the model with its intervals, beside the others."""
    parts = [_evaluation(row) for row in facts.get("scores", [])]
    if not parts:
        return "Unknown: the run has not been evaluated."
    if rounded := facts.get("rounded"):
        parts.append(
            f"These were measured with float32 kernels, before they were rounded to {rounded}."
        )
    return "\n\n".join(parts)


def _evaluation(row: dict[str, Any]) -> str:
    """Return the table of one evaluation, and what it was made with."""
    level = f", mean [{row['level']:.0%} interval]" if row["level"] else ""
    lines = [
        f"**{row['dataset']}, {row['split']}**: {row['images']} images, convention "
        f"`{row['convention']}`{level}."
    ]
    if not row["same_weights"]:
        lines.append(f"These are scores of {row['weights'] or UNKNOWN}, not of these weights.")
    if row["postprocess"] != "none":
        lines.append(f"Maps were postprocessed as {row['postprocess']}.")
    methods = row["methods"]
    metrics = list(methods[MODEL])
    rows = [
        [name, *(_estimate(methods[name].get(metric)) for metric in metrics)]
        for name in sorted(methods, key=lambda name: name != MODEL)
    ]
    return "\n".join([*lines, "", table(("", *metrics), rows)])


def _estimate(values: Sequence[float | None] | None) -> str:
    """Return a mean with its interval."""
    mean, low, high = values or (None, None, None)
    if mean is None:
        return "-"
    return f"{mean:.3f}" if low is None or high is None else f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def speed(rows: list[dict[str, Any]]) -> str:
    """Return how fast the network is, and on what that was measured."""
    if not rows:
        return "Unknown: not measured (`samjax card --measure-speed` does)."
    lines = [
        (
            row["batch_size"],
            f"{row['images_per_second']:g}",
            f"{row['height']} x {row['width']}",
            f"{row['device']}, {row['processor']}, {row['cores']} cores, jax {row['jax']}",
        )
        for row in rows
    ]
    return table(("images at once", "images per second", "input", "measured on"), lines)
