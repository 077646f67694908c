"""The processor is told as people know it."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.bench import processor

INTEL = (
    "model name\t: Intel(R) Xeon(R)\nflags\t\t: fpu avx2 avx512f avx512_bf16 amx_tile amx_bf16\n"
)
AMD = "model name\t: AMD EPYC 7763\nflags\t\t: fpu avx2\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd sve bf16\n"


@pytest.mark.parametrize(
    ("text", "instructions", "has_bfloat16"),
    [
        (INTEL, ["AVX2", "AVX-512", "AVX-512 BF16", "AMX"], True),
        (AMD, ["AVX2"], False),
        (ARM, ["Neon", "SVE", "BF16"], True),
    ],
)
def test_the_vector_instructions(tmp_path, monkeypatch, text, instructions, has_bfloat16):
    monkeypatch.setattr(processor, "CPUINFO", tmp_path / "cpuinfo")
    processor.CPUINFO.write_text(text * 2)  # a block for each core
    assert processor.instructions() == instructions
    assert processor.has_bfloat16() == has_bfloat16
    if "model name" in text:
        assert text.partition(":")[2].strip().startswith(processor.name())


def test_hidden_instructions_are_not_told(tmp_path, monkeypatch):
    monkeypatch.setattr(processor, "CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setenv(processor.HIDING, "1")
    processor.CPUINFO.write_text(INTEL)
    assert processor.instructions() == ["AVX2"]
    assert not processor.has_bfloat16()


def can_hide() -> bool:
    """Whether CPUID can be made to raise a signal here, and there is a compiler for C."""
    if platform.machine() != "x86_64" or shutil.which("gcc") is None:
        return False
    try:
        return "cpuid_fault" in processor.CPUINFO.read_text("utf-8").split()
    except OSError:
        return False


@pytest.mark.skipif(not can_hide(), reason="needs gcc and a processor that can fault on CPUID")
def test_a_library_finds_no_instruction_that_is_hidden(tmp_path):
    library = tmp_path / "only_avx2.so"
    source = Path(processor.__file__).with_name("only_avx2.c")
    command = ["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([*command, "-o", library, source, "-ldl"], check=True)
    # NumPy asks the processor itself, and faulthandler takes the signal of a crash.
    program = (
        "import faulthandler; faulthandler.enable(); import numpy; numpy.show_runtime();"
        "from experiments.bench import processor; print(processor.instructions())"
    )
    environment = os.environ | {"LD_PRELOAD": str(library)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    found = done.stdout.partition("'found'")[2].partition("'not_found'")[0]
    assert "X86_V3" in found or "AVX2" in found
    assert "AVX512" not in found
    assert "X86_V4" not in found
    assert done.stdout.splitlines()[-1] == "['AVX2']"


def test_a_system_that_does_not_tell_has_a_name_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(processor, "CPUINFO", tmp_path / "none")
    assert processor.name()
