"""The processor that the figures are of: its name and its vector instructions."""

import os
import platform
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
# What Linux calls the instructions that decide how fast a network can be, and what people do.
INSTRUCTIONS = {
    "avx2": "AVX2",
    "avx512f": "AVX-512",
    "avx512_bf16": "AVX-512 BF16",
    "amx_tile": "AMX",
    "asimd": "Neon",
    "sve": "SVE",
    "bf16": "BF16",
}
BFLOAT16 = ("avx512_bf16", "amx_bf16", "bf16")
HIDING = "ONLY_AVX2"
"""The variable of the environment by which `only_avx2.c` tells that it hides instructions."""
HIDDEN = ("avx512", "amx")


def name() -> str:
    """Return the processor's name, or its architecture where the system does not tell it."""
    names = _fields("model name")
    return names[0] if names else platform.processor() or platform.machine()


def instructions() -> list[str]:
    """Return the vector instructions that this process may use, as people call them."""
    known = [text for flag, text in INSTRUCTIONS.items() if flag in _flags()]
    # Every 64-bit Arm has Neon, where a system does not list it.
    return known or (["Neon"] if platform.machine() in ("arm64", "aarch64") else [])


def has_bfloat16() -> bool:
    """Return whether products in bfloat16 are instructions of the processor."""
    return any(flag in _flags() for flag in BFLOAT16)


def _flags() -> set[str]:
    """Return Linux's names of the instructions that this process may use, on x86 or on Arm."""
    lines = [*_fields("flags")[:1], *_fields("Features")[:1]]
    flags = {flag for line in lines for flag in line.split()}
    if HIDING in os.environ:
        flags = {flag for flag in flags if not flag.startswith(HIDDEN)}
    return flags


def _fields(field: str) -> list[str]:
    """Return the values of a field of /proc/cpuinfo, one for each core; [] without that file."""
    try:
        lines = CPUINFO.read_text("utf-8").splitlines()
    except OSError:
        return []
    pairs = (line.partition(":") for line in lines)
    return [value.strip() for key, _, value in pairs if key.strip() == field]
