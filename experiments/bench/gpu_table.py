"""The tables of what only a GPU can show: parity, and the choices on that device."""

from typing import Any

from experiments.bench.markdown import make_table, median_and_quartiles


def parity(results: dict[str, Any]) -> str:
    """Return a row per network or convolution and way of computing it."""
    rows = []
    for name, values in results.items():
        errors: dict[str, float | None] = values["errors"]
        # What was not finite is null in the file, and the worst there is.
        sizes = {key: float("inf") if error is None else error for key, error in errors.items()}
        worst = max(sizes, key=lambda key: sizes[key])
        gradients = [error for key, error in errors.items() if key.startswith("gradient")]
        outputs = [error for key, error in errors.items() if not key.startswith("gradient")]
        limits = f"{values['limits']['outputs']:g}, {values['limits']['gradients']:g}"
        row = [name, _largest(outputs), _largest(gradients), worst, limits, values["verdict"]]
        rows.append(row)
    head = ["relative error", "of outputs", "of gradients", "largest in", "limits", "verdict"]
    return make_table(head, rows)


def _largest(errors: list[float | None]) -> str:
    if any(error is None for error in errors):
        return "not finite"
    return f"{max(error for error in errors if error is not None):.1e}"


def variants(results: dict[str, Any]) -> str:
    """Return a row per task and choice."""
    rows = []
    for cell, values in results.items():
        for name, timing in values["choices"].items():
            rows.append(
                [
                    cell,
                    name + (" (fastest)" if name == values["fastest"] else ""),
                    median_and_quartiles(timing, "seconds"),
                    median_and_quartiles(values["ratios"][name], "ratio", "{:.3f}"),
                    _gibibytes(timing.get("argument_bytes")),
                    _gibibytes(timing["bytes"]),
                ]
            )
    head = ["", "choice", "seconds", "times the default", "arguments", "memory beside them"]
    return make_table(head, rows)


def _gibibytes(size: int | None) -> str:
    return "" if size is None else f"{size / 2**30:.2f} GiB"
