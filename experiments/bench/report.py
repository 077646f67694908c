"""Runs subjects of the benchmark and writes what they measured, with machine and versions."""

import importlib
import json
import os
import platform
import sys
from collections.abc import Iterator
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import jax

from experiments.bench import contenders, plot, table
from experiments.bench.plan import Plan, has_torch
from samjax.errors import UserError
from samjax.files.atomic import write_atomic

SUBJECTS = ("network", "convolutions", "timesteps", "memory", "roofline", "pipeline", "metrics")
PACKAGES = ("samjax", "jax", "jaxlib", "flax", "numpy", "torch", "pysaliency")


def run_subjects(names: list[str], output: Path, plan: Plan) -> None:
    """Writes `NAME.json` for each subject, then one table and one plot of all that is there."""
    unknown = [name for name in names if name not in SUBJECTS]
    if unknown:
        raise UserError(f"subject {unknown[0]!r} is unknown; choose of {', '.join(SUBJECTS)}")
    if not has_torch():
        _say("PyTorch is not installed (pip install '.[bench]'): samjax is measured alone")
    if plan.case.dtype == "float32":
        contenders.exact_float32()
    for name in names:
        try:
            measure = importlib.import_module(f"experiments.bench.{name}").measure
        except ModuleNotFoundError as error:
            _say(f"{name} needs {error.name}, which is not installed: left out")
            continue
        _say(f"measuring {name}")
        found = {"machine": machine(), "plan": plan._asdict() | {"case": plan.case._asdict()}}
        found["results"] = measure(plan)
        write_atomic(output / f"{name}.json", json.dumps(found, indent=1) + "\n")
    results = {name: json.loads(path.read_text()) for name, path in written(output)}
    text = table.markdown(results)
    write_atomic(output / "benchmark.md", text)
    print(text)
    if not plot.draw(results, output / "benchmark.png"):
        _say("matplotlib is not installed (pip install '.[bench]'): no plot")


def written(output: Path) -> Iterator[tuple[str, Path]]:
    """(subject, file) of all results in a folder."""
    for name in SUBJECTS:
        path = output / f"{name}.json"
        if path.is_file():
            yield name, path


def machine() -> dict:
    """Where and with what the numbers were measured."""
    devices = jax.devices()
    return {
        "date": date.today().isoformat(),
        "device": f"{len(devices)} x {devices[0].device_kind}",
        "cores": os.cpu_count(),
        "processor": processor(),
        "versions": {name: v for name in PACKAGES if (v := installed(name))},
    }


def processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(iter(names), platform.machine())


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _say(text: str) -> None:
    print(text, file=sys.stderr)
