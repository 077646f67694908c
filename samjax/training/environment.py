"""What a run was made with: versions, devices and the commit of the code.

Where the code is no checkout, as in a container, SAMJAX_COMMIT may say the commit.
"""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import jax

PACKAGES = ("samjax", "jax", "jaxlib", "flax", "optax", "numpy")
SECONDS_FOR_GIT = 10


def environment() -> dict[str, str]:
    """Return the facts by name; what is not known is left out."""
    devices = [device.device_kind for device in jax.devices()]
    facts = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "backend": jax.default_backend(),
        "devices": ", ".join(f"{devices.count(kind)} x {kind}" for kind in sorted({*devices})),
        "processes": str(jax.process_count()),
        "commit": os.environ.get("SAMJAX_COMMIT") or commit(Path(__file__).parent),
    }
    for package in PACKAGES:
        try:
            facts[package] = version(package)
        except PackageNotFoundError:  # it is imported from its sources
            continue
    return {name: fact for name, fact in facts.items() if fact}


def commit(folder: Path) -> str:
    """Return the commit that a folder is checked out from, with "-dirty" where files differ.

    It is "" where there is no checkout, as for an installed package, or no git.
    """
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40"]
    command += ["--exclude=*"]  # no tag's name in place of the commit
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=SECONDS_FOR_GIT
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
