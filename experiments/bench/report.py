"""Runs subjects of the benchmark and writes what they measured, with machine and versions."""

import importlib
import os
import platform
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jax

from experiments.bench import contenders, plot, table
from experiments.bench.cells import Cells
from experiments.bench.plan import Plan, has_torch
from samjax.console.log import log
from samjax.errors import UserError
from samjax.files.atomic import write_atomic
from samjax.files.json_file import read_json, write_json

SUBJECTS = (
    "network",
    "convolutions",
    "timesteps",
    "memory",
    "roofline",
    "pipeline",
    "metrics",
    "parity",
    "variants",
    "training",
)
PACKAGES = ("samjax", "jax", "jaxlib", "flax", "numpy", "torch", "pysaliency")


def run_subjects(names: list[str], output: Path, plan: Plan) -> None:
    """Measure subjects and write their results, each as soon as it is there.

    After each subject its `NAME.json` is written, and one table and one plot of all results that
    are in the folder, those of earlier runs included.

    Args:
        names: The subjects, of SUBJECTS.
        output: The folder of the results.
        plan: How much is measured.

    Raises:
        UserError: A subject is unknown.
    """
    unknown = [name for name in names if name not in SUBJECTS]
    if unknown:
        raise UserError(f"subject {unknown[0]!r} is unknown; choose of {', '.join(SUBJECTS)}")
    if not has_torch():
        log("PyTorch is not installed (pip install '.[bench]'): samjax is measured alone")
    if plan.case.dtype == "float32":
        contenders.use_exact_float32()
    for number, name in enumerate(names, 1):
        try:
            measure = importlib.import_module(f"experiments.bench.{name}").measure
        except ModuleNotFoundError as error:
            log(f"{name} needs {error.name}, which is not installed: left out")
            continue
        log(f"measuring {name} ({number} of {len(names)})")
        write_results(output / f"{name}.json", measure(plan), plan)
        write_overview(output)
    print(write_overview(output))


def write_results(path: Path, measured: dict[str, Any] | Cells, plan: Plan) -> None:
    """Write what a subject measures, anew with each of its cells as soon as that is there.

    Args:
        path: The subject's file.
        measured: What its `measure(plan)` gave.
        plan: How much is measured.
    """
    about = {"machine": describe_machine(), "plan": plan.facts}
    results: dict[str, Any] = {}
    for cell, values in measured.items() if isinstance(measured, dict) else measured:
        results[cell] = values
        write_json(path, about | {"results": results})


def write_overview(
    output: Path, name: str = "benchmark", subjects: Sequence[str] = SUBJECTS, notes: str = ""
) -> str:
    """Write the table `NAME.md` and the plot of all results in a folder; return the table.

    Args:
        output: The folder.
        name: Of the files.
        subjects: In the order of the table.
        notes: What stands below the table.
    """
    results = {name: read_json(path) for name, path in result_files(output, subjects)}
    text = "\n".join(filter(None, [table.markdown(results), notes]))
    write_atomic(output / f"{name}.md", text)
    plot.draw(results, output / f"{name}.png")
    return text


def result_files(output: Path, subjects: Sequence[str]) -> Iterator[tuple[str, Path]]:
    """Yield each subject with its file, where the folder has one."""
    for name in subjects:
        path = output / f"{name}.json"
        if path.is_file():
            yield name, path


def describe_machine() -> dict[str, Any]:
    """Return where and with what the numbers were measured."""
    devices = jax.devices()
    versions = {name: installed_version(name) for name in PACKAGES}
    return {
        "date": date.today().isoformat(),
        "device": f"{len(devices)} x {devices[0].device_kind}",
        "cores": os.cpu_count(),
        "processor": processor_name(),
        "versions": {name: v for name, v in versions.items() if v is not None},
    }


def processor_name() -> str:
    """Return the processor's name, or its architecture where the system does not tell it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    for line in lines:
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def installed_version(package: str) -> str | None:
    """Return the version of a package, None if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
