"""The processor is told as people know it."""

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


def test_a_system_that_does_not_tell_has_a_name_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(processor, "CPUINFO", tmp_path / "none")
    assert processor.name()
