"""Peak memory of each contender, each in a process of its own.

python -m experiments.bench.memory '{"name": "samjax", "kind": "predict", "case": {...}}'
"""

import ctypes
import gc
import json
import subprocess
import sys
from pathlib import Path

import jax

from experiments.bench import contenders
from experiments.bench.case import NetworkCase, variables_of
from experiments.bench.plan import Plan
from samjax.errors import UserError

STATUS = Path("/proc/self/status")


def measure(plan: Plan) -> dict:
    """{"predict, batch 1": {contender: peak bytes beyond the imports}, ...}; on a GPU its own."""
    if jax.default_backend() == "cpu" and not STATUS.exists():
        return {"note": "peak memory is read from /proc, which this system does not have"}
    cells = {"predict": plan.predict_batches[0], "train_step": plan.train_batch}
    return {
        f"{kind}, batch {batch}": {
            name: _in_a_process(name, kind, plan.case._replace(batch=batch))
            for name in contenders.names()
        }
        for kind, batch in cells.items()
    }


def _in_a_process(name: str, kind: str, case: NetworkCase) -> int:
    task = json.dumps({"name": name, "kind": kind, "case": case._asdict()})
    done = subprocess.run(
        [sys.executable, "-m", __name__, task], capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        raise UserError(f"{name} failed at {kind} in a process of its own: {' '.join(last)}")
    return int(done.stdout.split()[-1])


def peak(name: str, kind: str, case: NetworkCase) -> int:
    """Bytes at the worst moment of calls after the first, which compiles."""
    jax.devices()
    if case.dtype == "float32":
        contenders.exact_float32()  # imports PyTorch for all, so that the difference is fair
    imported = _status("VmRSS") if STATUS.exists() else 0
    variables = variables_of(case)
    program = contenders.program(name, kind, case, variables)
    del variables
    program()
    gc.collect()
    _give_back()
    if jax.default_backend() != "cpu":
        return _on_gpu(name, program)
    Path("/proc/self/clear_refs").write_text("5")  # the highest mark starts anew
    jax.block_until_ready([program() for _ in range(2)])
    return _status("VmHWM") - imported


def _give_back() -> None:
    """Memory that was freed, such as a compiler's, goes back to the system on either side."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):  # glibc
        libc.malloc_trim(0)


def _on_gpu(name: str, program) -> int:
    if name != contenders.OURS:
        import torch

        torch.cuda.reset_peak_memory_stats()
        program()
        return torch.cuda.max_memory_allocated()
    jax.block_until_ready(program())
    return jax.devices()[0].memory_stats()["peak_bytes_in_use"]


def _status(field: str) -> int:
    """Bytes of a field of this process's status."""
    line = next(s for s in STATUS.read_text().splitlines() if s.startswith(f"{field}:"))
    return 1024 * int(line.split()[1])


if __name__ == "__main__":
    task = json.loads(sys.argv[1])
    task["case"]["input_size"] = tuple(task["case"]["input_size"])
    print(peak(task["name"], task["kind"], NetworkCase(**task["case"])))
