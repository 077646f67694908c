"""The tables of costs: a network's arithmetic, its time by part, and that of each metric."""

from typing import Any

from experiments.bench.markdown import make_table, median_and_quartiles


def roofline(results: dict[str, Any]) -> str:
    """Return a row per task."""
    rows = []
    for cell, values in results.items():
        rows.append(
            [
                cell,
                f"{values['multiply_adds'] / 1e9:.1f} G",
                f"{values['multiply_adds_as_coded'] / 1e9:.1f} G",
                f"{values['xla_multiply_adds'] / 1e9:.1f} G",
                f"{values['bytes_accessed'] / 1e9:.1f} GB",
                median_and_quartiles(values, "seconds"),
                f"{values['teraflops']:.3g}",
                f"{values['product_teraflops']:.3g}",
                median_and_quartiles(values, "share_of_product", "{:.2f}"),
            ]
        )
    head = ["", "multiply-adds", "as coded", "by XLA", "bytes", "seconds", "TFLOP/s"]
    return make_table([*head, "product's", "share"], rows)


def step_parts(results: dict[str, Any]) -> str:
    """Return a row per part, a column per task."""
    parts = list(dict.fromkeys(part for seconds in results.values() for part in seconds))
    rows = []
    for part in parts:
        row = [part]
        for seconds in results.values():
            own, total = seconds.get(part, 0.0), sum(seconds.values())
            row.append(f"{1e3 * own:.0f} ms, {own / total:.2f}" if own else "")
        rows.append(row)
    return make_table(["", *results], rows)


def metrics(results: dict[str, Any]) -> str:
    """Return a row per metric with its milliseconds per image; then those of each convention."""
    rows = []
    for name, seconds in results.get("metric by metric", {}).get("seconds", {}).items():
        own, theirs = seconds["samjax"], seconds.get("pysaliency")
        other = [f"{1e3 * theirs:.3g}", f"{theirs / own:.1f}"] if theirs else ["", ""]
        rows.append([name, f"{1e3 * own:.3g}", *other])
    for name, seconds in results.get("all metrics together", {}).items():
        rows.append([f"together, {name}", f"{1e3 * seconds:.3g}", "", ""])
    return make_table(["ms per image", "samjax", "pysaliency", "times samjax"], rows)
