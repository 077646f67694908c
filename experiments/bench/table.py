"""The results as Markdown tables."""

from typing import Any

from experiments.bench import cost_table, gpu_table
from experiments.bench.cells import UNDER_WAY, stated
from experiments.bench.markdown import make_table, median_and_quartiles

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
        "roofline": cost_table.roofline,
        "step_parts": cost_table.step_parts,
        "pipeline": name_and_value,
        "metrics": cost_table.metrics,
        "parity": gpu_table.parity,
        "variants": gpu_table.variants,
        "training": name_and_value,
    }
    sections = []
    for subject, content in results.items():
        cells = content["results"]
        measured = {name: cell for name, cell in cells.items() if not stated(cell)}
        body = tables[subject](measured) if measured else ""
        lines = without_values(cells)
        lines += remarks(measured)
        lines += [f"- {name}: {line}" for name, line in content.get("absent", {}).items()]
        body = "\n\n".join(filter(None, [body, "\n".join(lines)]))
        sections.append(f"### {subject}\n\n{_describe(content)}\n\n{body}\n")
    return "\n".join(sections)


def _describe(content: dict[str, Any]) -> str:
    """Return where and with what a subject was measured, in one line."""
    machine, case = content["machine"], content["plan"]["case"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    instructions = ", ".join(machine.get("instructions", ()))  # files of before have none
    processor = f"{machine['processor']} ({instructions})" if instructions else machine["processor"]
    size = "x".join(map(str, case["input_size"]))
    network = f"SAM with {case['backbone']}, {size}, T = {case['timesteps']}, {case['dtype']}"
    if any(isinstance(c, dict) and "about" in c for c in content["results"].values()):
        network = "networks as told below"
    return (
        f"{machine['device']}, {processor}, {machine['cores']} cores; {network}; {versions}; "
        f"{machine['date']}"
    )


def without_values(cells: Results) -> list[str]:
    """Return a line for each reason why cells have no values."""
    names: dict[str, list[str]] = {}
    for name, cell in cells.items():
        if stated(cell):
            names.setdefault(stated(cell), []).append(name)
    return [f"- {'; '.join(these)}: {reason}" for reason, these in names.items()]


def remarks(results: Results) -> list[str]:
    """Return a line for each network, and for each contender that failed or disagrees."""
    cells = {name: cell for name, cell in results.items() if isinstance(cell, dict)}
    # A line for each network, not for each of its cells.
    lines = list(dict.fromkeys(f"- {c['about']}" for c in cells.values() if "about" in c))
    lines += [
        f"- {cell}, {name}: {line}"
        for cell, values in cells.items()
        for reasons in ("failures", "disagreements")
        for name, line in values.get(reasons, {}).items()
    ]
    unfinished = [name for name, cell in cells.items() if cell.get(UNDER_WAY)]
    return lines + [f"- {name}: interrupted; the same command goes on" for name in unfinished]


def network(results: Results) -> str:
    """Return a row per task and contender."""
    rows = []
    for cell, values in results.items():
        for name, timing in values["contenders"].items():
            ratio = values["ratios"].get(name)
            differences = values["differences"].get(name, {})
            has_rounds = "seconds" in timing
            first = timing["compile_seconds"] if has_rounds else timing["first_seconds"]
            own = "1" if has_rounds and name == "samjax" else ""
            rows.append(
                [
                    cell,
                    name,
                    median_and_quartiles(timing, "seconds") if has_rounds else "",
                    median_and_quartiles(ratio, "ratio", "{:.2f}") if ratio else own,
                    f"{first:.1f}",
                    f"{max(differences.values()):.0e}" if differences else "",
                ]
            )
    head = ["", "", "seconds", "times samjax", "first call, more s", "difference"]
    return make_table(head, rows)


def convolutions(results: Results) -> str:
    """Return a row per convolution."""
    rows = []
    for name, values in results.items():
        row = [name, values["way"]]
        for kind in ("forward", "gradient"):
            row.append(f"{1e3 * values[kind]['seconds']:.1f}")
            row.append(median_and_quartiles(values[kind], "ratio", "{:.2f}"))
        rows.append(row)
    head = ["convolution", "way", "forward, ms", "times in XLA's", "gradient, ms", "times in XLA's"]
    return make_table(head, rows)


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
                    median_and_quartiles(values["marginal"][name], "seconds"),
                    median_and_quartiles(ratio, "ratio", "{:.2f}") if ratio else "",
                ]
            )
    counts = "; ".join(f"{kind} {values['timesteps']}" for kind, values in results.items())
    head = ["recurrence", "", f"seconds at T = {counts}", "a further step, s", "samjax's share"]
    return make_table(head, rows)


def memory(results: Results) -> str:
    """Return a row per task, a column per contender; or an older file's note why there is none."""
    if "note" in results:
        return results["note"]
    names = list(dict.fromkeys(name for peaks in results.values() for name in peaks))
    names = [name for name in names if name != UNDER_WAY]
    rows = []
    for cell, peaks in results.items():
        sizes = {name: f"{peaks[name] / 2**30:.2f} GiB" for name in names if name in peaks}
        rows.append([cell, *(sizes.get(name, "") for name in names)])
    return make_table(["peak beyond the imports", *names], rows)


def name_and_value(results: Results) -> str:
    """Return a row per number of a nested dict."""
    return make_table(["", ""], _flatten(results))


def _flatten(values: Results, prefix: str = "") -> list[list[str]]:
    rows = []
    for key, value in values.items():
        if isinstance(value, dict):
            rows += _flatten(value, f"{prefix}{key} ")
        else:
            text = f"{value:.4g}" if isinstance(value, float) else str(value)
            rows.append([f"{prefix}{key}", text])
    return rows
