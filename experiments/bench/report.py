"""Runs subjects of the benchmark and writes what they measured, with machine and versions."""

import importlib
import json
import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path

import jax

from samjax.atomic import write_atomic
from samjax.errors import UserError

SUBJECTS = ("network", "pipeline", "metrics")


def run_subjects(names: list[str], output: Path) -> None:
    for name in names:
        if name not in SUBJECTS:
            raise UserError(f"subject {name!r} is unknown; choose of {', '.join(SUBJECTS)}")
        results = importlib.import_module(f"experiments.bench.{name}").measure()
        text = json.dumps({"machine": machine()} | results, indent=1)
        write_atomic(output / f"{name}.json", text + "\n")
        print(f"{name}: {output / name}.json")
        for line in flattened(results):
            print(f"  {line}")


def machine() -> dict:
    """Where and with what the numbers were measured."""
    devices = jax.devices()
    return {
        "date": date.today().isoformat(),
        "device": f"{len(devices)} x {devices[0].device_kind}",
        "cores": os.cpu_count(),
        "processor": platform.processor() or platform.machine(),
        "versions": {name: version(name) for name in ("samjax", "jax", "jaxlib", "flax", "numpy")},
    }


def flattened(values: dict, prefix: str = "") -> list[str]:
    """One line per number of a nested dict."""
    lines = []
    for key, value in values.items():
        if isinstance(value, dict):
            lines += flattened(value, f"{prefix}{key} ")
        else:
            shown = f"{value:.4g}" if isinstance(value, float) else value
            lines.append(f"{prefix}{key}: {shown}")
    return lines
