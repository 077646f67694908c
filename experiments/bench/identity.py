"""What figures are of: the machine, the versions, and the code that was measured.

Figures of an earlier run stand beside new ones only where all of it is the same.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jax

from experiments.bench import processor
from samjax import bundled
from samjax.parallel.cores import usable_cores

PACKAGES = (
    *("samjax", "jax", "jaxlib", "flax", "numpy", "torch", "onnx", "onnxscript"),
    *("onnxruntime", "openvino", "pysaliency"),
)
ROOT = Path(__file__).parents[2]
_NETWORKS = (
    *("samjax/models", "samjax/training/steps.py", "samjax/training/losses.py"),
    *("samjax/prediction/executables.py", "samjax/prediction/pieces.py"),
)
_BENCH = "experiments/bench"
_SIDES = tuple(
    f"{_BENCH}/{name}.py"
    for name in (
        *("as_coded", "case", "contenders", "onnx_side", "samjax_side", "tasks", "timing"),
        *("torch_backbones", "torch_loss", "torch_maps", "torch_mobilenet", "torch_sam"),
        *("torch_side", "torch_weights"),
    )
)
# What of the code figures depend on: all that is compared, unless a subject has its own.
CODE = {
    "metrics": ("samjax/metrics", f"{_BENCH}/metrics.py"),
    "pipeline": ("samjax/data", f"{_BENCH}/pipeline.py"),
}


def describe_machine() -> dict[str, Any]:
    """Return where and with what the numbers were measured."""
    devices = jax.devices()
    versions = {name: installed_version(name) for name in PACKAGES}
    return {
        "date": date.today().isoformat(),
        "device": f"{len(devices)} x {devices[0].device_kind}",
        "cores": usable_cores(),
        "processor": processor.name(),
        "instructions": processor.instructions(),
        "versions": {name: v for name, v in versions.items() if v is not None},
    }


def installed_version(package: str) -> str | None:
    """Return the version of a package, None if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def code_of(subject: str) -> str:
    """Return a checksum of the code that a subject's figures depend on, weights included."""
    total = hashlib.sha256()
    names = CODE.get(subject, (*_NETWORKS, *_SIDES, f"{_BENCH}/{subject}.py"))
    for path in _files(names):
        total.update(path.read_bytes())
    if subject not in CODE:
        weights = bundled.path_of(bundled.NAME)
        total.update(weights.read_bytes() if weights.is_file() else b"")
    return total.hexdigest()[:16]


def _files(names: tuple[str, ...]) -> Iterator[Path]:
    for name in names:
        path = ROOT / name
        yield from sorted(path.rglob("*.py")) if path.is_dir() else [path]


def difference(about: dict[str, Any], before: dict[str, Any], ignored: Sequence[str] = ()) -> str:
    """Return what of a file of results is another than now, "" where all is the same.

    Args:
        about: "machine", "plan" and "code" of this run.
        before: Those of the file.
        ignored: Names in the plan that do not matter.
    """
    machine, earlier = about["machine"], before.get("machine", {})
    for name, value in machine["versions"].items():
        if earlier.get("versions", {}).get(name) != value:
            return f"{name} was {earlier.get('versions', {}).get(name, 'not there')}"
    for name in ("device", "processor", "cores", "instructions"):
        if earlier.get(name) != machine[name]:
            return f"the {name} was {earlier.get(name)}"
    if earlier.get("versions", {}).keys() != machine["versions"].keys():
        return "another package was there"
    for name, value in about["plan"].items():
        if name not in ignored and before.get("plan", {}).get(name) != value:
            return f"{name} in the plan was {before.get('plan', {}).get(name)}"
    return "" if before.get("code") == about["code"] else "the code was another"
