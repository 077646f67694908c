"""Parts share the time, end when theirs is over, and none takes another with it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.bench import parts
from experiments.bench.parts import PARTS, Task, run_parts, run_process, seconds_for
from samjax.errors import UserError

ROOT = Path(__file__).parents[3]
MISSING = "tensorflow_datasets grain array_record ml_collections tensorboardX ijson google_crc32c"


@pytest.mark.parametrize("total", [30, 100, 200, 400, 540, 3000])
def test_all_parts_together_end_in_time_and_the_first_ones_are_served_first(total):
    left, begun = float(total), []
    names = list(parts.MEASURED)
    for k, name in enumerate(names):
        limit = seconds_for(name, names[k + 1 :], left)
        assert 0 <= limit <= left
        assert limit == 0 or limit >= PARTS[name].least
        begun += [name] if limit else []
        left -= limit
    assert begun == names or total < sum(PARTS[name].least for name in names)
    assert total < PARTS["parity"].least or begun[0] == "parity"


def script(path, lines):
    """A program that takes the place of Python's."""
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)
    return str(path)


def test_a_part_that_hangs_is_ended_with_all_that_it_started(tmp_path, monkeypatch):
    pids = tmp_path / "pids"
    hang = f"sleep 600 &\necho $! > {pids}.new\nmv {pids}.new {pids}\nsleep 600"
    monkeypatch.setattr(parts.sys, "executable", script(tmp_path / "hang", hang))
    assert "ended at its limit of 2 s" in run_process("parity", Task(tmp_path), 2.0)
    child = int(pids.read_text())
    for _ in range(600):  # whoever adopts a child takes its time to notice that it ended
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.1)
    os.kill(child, 9)
    pytest.fail("the part's own child goes on")


@pytest.mark.parametrize(
    ("lines", "note"),
    [
        ("kill -SEGV $$", "ended by signal 11"),
        ("echo progress; echo no GPU here; exit 1", "no GPU here"),
        ("exit 3", "ended with status 3"),
        ("exit 0", ""),
    ],
)
def test_how_a_part_ended_is_told_in_a_line(tmp_path, monkeypatch, lines, note):
    monkeypatch.setattr(parts.sys, "executable", script(tmp_path / "part", lines))
    assert run_process("parity", Task(tmp_path), 60.0) == note


def test_the_table_tells_of_parts_that_failed_or_were_left_out(tmp_path, monkeypatch):
    (tmp_path / "parity.json").write_text("of an earlier run")
    monkeypatch.setattr(parts, "run_process", lambda subject, task, limit: "ended by signal 11")
    text = run_parts(["parity"], time.time() + 90, Task(tmp_path))
    assert "- parity: ended by signal 11" in text
    assert (tmp_path / "gpu.md").read_text() == text
    assert not (tmp_path / "parity.json").exists()
    text = run_parts(["pytorch"], time.time() + 10, Task(tmp_path))
    assert "- pytorch: left out, it needs 75 s and 10 s are left" in text


def test_an_unknown_part_is_refused(tmp_path):
    with pytest.raises(UserError, match="part 'speed' is unknown; choose of parity, pytorch"):
        run_parts(["speed"], time.time() + 9, Task(tmp_path))


def test_a_part_runs_where_only_jax_flax_optax_and_orbax_are(tmp_path):
    """The whole of parity in miniature; every other module of the program is imported at least."""
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({MISSING!r}.split()))\n"
        "import experiments.gpu\n"
        "from experiments.bench import memory, network, parts, roofline, variants\n"
        "from experiments.bench.part import run_part\n"
        f"run_part('parity', {str(tmp_path)!r}, float('inf'), quick=True, data_dir='')\n"
    )
    programs = {"JAX_COMPILATION_CACHE_DIR": os.environ["SAMJAX_TEST_PROGRAMS"]}
    environment = os.environ | programs | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
    results = json.loads((tmp_path / "parity.json").read_text())["results"]
    assert len(results) == 6
    for name in ("vgg_tiny 32x40, bfloat16", "vgg_tiny 32x40, float32"):
        assert results[name]["verdict"] == "agrees"
        assert "gradient of attentive_convlstm" in results[name]["errors"]


def test_without_a_gpu_only_a_miniature_is_measured(tmp_path):
    from experiments.bench.part import run_part

    with pytest.raises(UserError, match="JAX sees no GPU here; --quick"):
        run_part("parity", str(tmp_path), float("inf"), quick=False, data_dir="")
