"""The results as Markdown tables, as the README shows them."""

SECONDS, GIB = "{:.3g} s", "{:.2f} GiB"


def markdown(results: dict[str, dict]) -> str:
    """One section per subject that was measured."""
    sections = {
        "network": network,
        "convolutions": convolutions,
        "timesteps": timesteps,
        "memory": memory,
        "roofline": roofline,
        "pipeline": flat,
        "metrics": flat,
    }
    parts = []
    for subject, found in results.items():
        body = sections[subject](found["results"])
        parts.append(f"### {subject}\n\n{_where(found)}\n\n{body}\n")
    return "\n".join(parts)


def _where(found: dict) -> str:
    machine, case = found["machine"], found["plan"]["case"]
    versions = ", ".join(f"{k} {v}" for k, v in machine["versions"].items())
    size = "x".join(map(str, case["input_size"]))
    return (
        f"{machine['device']}, {machine['processor']}, {machine['cores']} cores; SAM with "
        f"{case['backbone']}, {size}, T = {case['timesteps']}, {case['dtype']}; {versions}; "
        f"{machine['date']}"
    )


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _spread(found: dict, name: str, form: str = "{:.3g}") -> str:
    low, high = (form.format(v) for v in found[f"{name}_quartiles"])
    return f"{form.format(found[name])} ({low} to {high})"


def network(results: dict) -> str:
    rows = []
    for cell, found in results.items():
        for name, timed in found["contenders"].items():
            ratio, apart = found["ratios"].get(name), found["differences"].get(name, {})
            rows.append(
                [
                    cell,
                    name,
                    _spread(timed, "seconds"),
                    _spread(ratio, "ratio", "{:.2f}") if ratio else "1",
                    f"{timed['compile_seconds']:.1f}",
                    f"{max(apart.values()):.0e}" if apart else "",
                ]
            )
    head = ["", "", "seconds", "times samjax", "first call, more s", "difference"]
    return _table(head, rows)


def convolutions(results: dict) -> str:
    rows = []
    for name, found in results.items():
        cells = [
            text
            for kind in ("forward", "gradient")
            for text in (
                f"{1e3 * found[kind]['seconds']:.1f}",
                _spread(found[kind], "ratio", "{:.2f}"),
            )
        ]
        rows.append([name, found["way"], *cells])
    head = ["convolution", "way", "forward, ms", "times in XLA's", "gradient, ms", "times in XLA's"]
    return _table(head, rows)


def timesteps(results: dict) -> str:
    rows = []
    for kind, found in results.items():
        for name, seconds in found["seconds"].items():
            ratio = found["shares"].get(name)
            rows.append(
                [
                    kind,
                    name,
                    ", ".join(f"{s:.3g}" for s in seconds),
                    _spread(found["marginal"][name], "seconds"),
                    _spread(ratio, "ratio", "{:.2f}") if ratio else "",
                ]
            )
    counts = "; ".join(f"{k} {f['timesteps']}" for k, f in results.items())
    head = ["recurrence", "", f"seconds at T = {counts}", "a further step, s", "samjax's share"]
    return _table(head, rows)


def memory(results: dict) -> str:
    if "note" in results:
        return results["note"]
    names = list(next(iter(results.values())))
    rows = [[cell, *(GIB.format(r[n] / 2**30) for n in names)] for cell, r in results.items()]
    return _table(["peak beyond the imports", *names], rows)


def roofline(results: dict) -> str:
    rows = [
        [
            cell,
            f"{found['multiply_adds'] / 1e9:.1f} G",
            f"{found['multiply_adds_as_coded'] / 1e9:.1f} G",
            f"{found['bytes_accessed'] / 1e9:.1f} GB",
            _spread(found, "seconds"),
            f"{found['teraflops']:.3g}",
            f"{found['product_teraflops']:.3g}",
            _spread(found, "share_of_product", "{:.2f}"),
        ]
        for cell, found in results.items()
    ]
    head = ["", "multiply-adds", "as coded", "bytes", "seconds", "TFLOP/s", "product's", "share"]
    return _table(head, rows)


def flat(results: dict) -> str:
    """One row per number of a nested dict."""
    return _table(["", ""], _rows(results))


def _rows(values: dict, prefix: str = "") -> list[list[str]]:
    rows = []
    for key, value in values.items():
        if isinstance(value, dict):
            rows += _rows(value, f"{prefix}{key} ")
        else:
            rows.append(
                [f"{prefix}{key}", f"{value:.4g}" if isinstance(value, float) else str(value)]
            )
    return rows
