"""Peak memory of each contender, each in a process of its own.

python -m experiments.bench.memory '{"name": "samjax", "kind": "predict", "case": {...}}'
"""

import ctypes
import gc
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import jax

from experiments.bench import contenders
from experiments.bench.case import NetworkCase, random_variables
from experiments.bench.cells import LEFT_OUT, Cell, Cells, run_cells
from experiments.bench.plan import Plan
from samjax.console.log import log
from samjax.errors import UserError

STATUS = Path("/proc/self/status")


def measure(plan: Plan) -> Cells:
    """Yield the peak memory of training step and prediction, for each contender.

    Yields:
        "predict, batch 1" and the like with {contender: bytes}: on a CPU those of the process
        beyond what its imports take, on a GPU those of the device.
    """
    tasks = {"train_step": plan.train_batch, "predict": plan.predict_batches[0]}
    measures = {
        f"{kind}, batch {batch}": partial(_measure_task, kind, plan._replace(case=case))
        for kind, batch in tasks.items()
        for case in [plan.case._replace(batch=batch)]
    }
    yield from run_cells(measures, plan)


def _measure_task(kind: str, plan: Plan) -> Iterator[Cell]:
    """Yield the contenders' peaks at one task, one more each time."""
    if jax.default_backend() == "cpu" and not STATUS.exists():
        yield {LEFT_OUT: "peak memory is read from /proc, which this system does not have"}
        return
    peaks: Cell = {}
    for name in _names(plan):
        if plan.seconds_left <= 0:
            return
        log(f"    {name}")
        try:
            peaks[name] = _measure_in_a_process(name, kind, plan)
        except UserError as error:
            if not plan.keeps_going:
                raise
            log(f"    {error}")
        yield dict(peaks)


def _names(plan: Plan) -> list[str]:
    """Return whose memory is measured; where time is short, not that of another layout."""
    names = contenders.names()
    return [name for name in names if not (plan.keeps_going and name.endswith("channels_last"))]


def _measure_in_a_process(name: str, kind: str, plan: Plan) -> int:
    """Return `peak_bytes` as a new process measures it.

    Raises:
        UserError: The process failed, where the message is its last line, or time was over.
    """
    task = json.dumps({"name": name, "kind": kind, "case": plan.case._asdict()})
    limit = None if math.isinf(plan.until) else max(1.0, plan.seconds_left)
    try:
        process = subprocess.run(
            [sys.executable, "-m", __name__, task],
            capture_output=True,
            text=True,
            check=False,
            timeout=limit,
        )
    except subprocess.TimeoutExpired as error:
        raise UserError(f"{name} at {kind} was not done when the time was over") from error
    if process.returncode:
        last_line = process.stderr.strip().splitlines()[-1:]
        raise UserError(f"{name} failed at {kind} in a process of its own: {' '.join(last_line)}")
    return int(process.stdout.split()[-1])


def peak_bytes(name: str, kind: str, case: NetworkCase) -> int:
    """Return the bytes at the worst moment of calls after the first, which compiles."""
    jax.devices()
    if case.dtype == "float32":
        # This imports PyTorch for all contenders, so that the difference is fair.
        contenders.use_exact_float32()
    bytes_imported = _read_status("VmRSS") if STATUS.exists() else 0
    variables = random_variables(case)
    program = contenders.make_program(name, kind, case, variables)
    del variables
    program()
    gc.collect()
    _return_freed_memory()
    if jax.default_backend() != "cpu":
        return _peak_on_gpu(name, program)
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the highest mark starts anew
    jax.block_until_ready([program() for _ in range(2)])
    return _read_status("VmHWM") - bytes_imported


def _return_freed_memory() -> None:
    """Return memory that was freed, such as the compiler's, to the system, for either side."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):  # glibc has it, others do not
        libc.malloc_trim(0)


def _peak_on_gpu(name: str, program: Callable) -> int:
    """Return the peak memory of the device, as the contender's own allocator counts it."""
    if name != contenders.OURS:
        import torch

        torch.cuda.reset_peak_memory_stats()
        program()
        return torch.cuda.max_memory_allocated()
    jax.block_until_ready(program())
    return jax.devices()[0].memory_stats()["peak_bytes_in_use"]


def _read_status(field: str) -> int:
    """Return the bytes of a field of this process's status, which is given in KiB."""
    for line in STATUS.read_text("utf-8").splitlines():
        if line.startswith(f"{field}:"):
            return 1024 * int(line.split()[1])
    raise UserError(f"{STATUS} has no field {field}")


if __name__ == "__main__":
    task = json.loads(sys.argv[1])
    task["case"]["input_size"] = tuple(task["case"]["input_size"])
    print(peak_bytes(task["name"], task["kind"], NetworkCase(**task["case"])))
