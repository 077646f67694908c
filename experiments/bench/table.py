"""The results as Markdown tables, as the README shows them."""

from typing import Any

Results = dict[str, Any]


def markdown(results: dict[str, Results]) -> str:
    """Return one section per subject that was measured.

    Args:
        results: The contents of the subjects' files, by subject.
    """
    tables = {
        "network": network,
        "convolutions": convolutions,
        "timesteps": timesteps,
        "memory": memory,
        "roofline": roofline,
        "pipeline": name_and_value,
        "metrics": name_and_value,
    }
    sections = []
    for subject, content in results.items():
        body = tables[subject](content["results"])
        sections.append(f"### {subject}\n\n{_describe(content)}\n\n{body}\n")
    return "\n".join(sections)


def _describe(content: dict[str, Any]) -> str:
    """Return where and with what a subject was measured, in one line."""
    machine, case = content["machine"], content["plan"]["case"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    size = "x".join(map(str, case["input_size"]))
    return (
        f"{machine['device']}, {machine['processor']}, {machine['cores']} cores; SAM with "
        f"{case['backbone']}, {size}, T = {case['timesteps']}, {case['dtype']}; {versions}; "
        f"{machine['date']}"
    )


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _median_and_quartiles(values: Results, name: str, form: str = "{:.3g}") -> str:
    """Return "median (low to high)" of what `timing.spread` gave under this name."""
    low, high = (form.format(v) for v in values[f"{name}_quartiles"])
    return f"{form.format(values[name])} ({low} to {high})"


def network(results: Results) -> str:
    """Return a row per task and contender."""
    rows = []
    for cell, values in results.items():
        for name, timing in values["contenders"].items():
            ratio = values["ratios"].get(name)
            differences = values["differences"].get(name, {})
            rows.append(
                [
                    cell,
                    name,
                    _median_and_quartiles(timing, "seconds"),
                    _median_and_quartiles(ratio, "ratio", "{:.2f}") if ratio else "1",
                    f"{timing['compile_seconds']:.1f}",
                    f"{max(differences.values()):.0e}" if differences else "",
                ]
            )
    head = ["", "", "seconds", "times samjax", "first call, more s", "difference"]
    return _table(head, rows)


def convolutions(results: Results) -> str:
    """Return a row per convolution."""
    rows = []
    for name, values in results.items():
        row = [name, values["way"]]
        for kind in ("forward", "gradient"):
            row.append(f"{1e3 * values[kind]['seconds']:.1f}")
            row.append(_median_and_quartiles(values[kind], "ratio", "{:.2f}"))
        rows.append(row)
    head = ["convolution", "way", "forward, ms", "times in XLA's", "gradient, ms", "times in XLA's"]
    return _table(head, rows)


def timesteps(results: Results) -> str:
    """Return a row per kind of pass and contender."""
    rows = []
    for kind, values in results.items():
        for name, seconds in values["seconds"].items():
            ratio = values["shares"].get(name)
            rows.append(
                [
                    kind,
                    name,
                    ", ".join(f"{s:.3g}" for s in seconds),
                    _median_and_quartiles(values["marginal"][name], "seconds"),
                    _median_and_quartiles(ratio, "ratio", "{:.2f}") if ratio else "",
                ]
            )
    counts = "; ".join(f"{kind} {values['timesteps']}" for kind, values in results.items())
    head = ["recurrence", "", f"seconds at T = {counts}", "a further step, s", "samjax's share"]
    return _table(head, rows)


def memory(results: Results) -> str:
    """Return a row per task, a column per contender; or the note why nothing was measured."""
    if "note" in results:
        return results["note"]
    names = list(next(iter(results.values())))
    rows = []
    for cell, peaks in results.items():
        rows.append([cell, *(f"{peaks[name] / 2**30:.2f} GiB" for name in names)])
    return _table(["peak beyond the imports", *names], rows)


def roofline(results: Results) -> str:
    """Return a row per task."""
    rows = []
    for cell, values in results.items():
        rows.append(
            [
                cell,
                f"{values['multiply_adds'] / 1e9:.1f} G",
                f"{values['multiply_adds_as_coded'] / 1e9:.1f} G",
                f"{values['bytes_accessed'] / 1e9:.1f} GB",
                _median_and_quartiles(values, "seconds"),
                f"{values['teraflops']:.3g}",
                f"{values['product_teraflops']:.3g}",
                _median_and_quartiles(values, "share_of_product", "{:.2f}"),
            ]
        )
    head = ["", "multiply-adds", "as coded", "bytes", "seconds", "TFLOP/s", "product's", "share"]
    return _table(head, rows)


def name_and_value(results: Results) -> str:
    """Return a row per number of a nested dict."""
    return _table(["", ""], _flatten(results))


def _flatten(values: Results, prefix: str = "") -> list[list[str]]:
    rows = []
    for key, value in values.items():
        if isinstance(value, dict):
            rows += _flatten(value, f"{prefix}{key} ")
        else:
            text = f"{value:.4g}" if isinstance(value, float) else str(value)
            rows.append([f"{prefix}{key}", text])
    return rows
