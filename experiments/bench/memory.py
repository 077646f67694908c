"""Peak memory of each contender, each in a process of its own.

python -m experiments.bench.memory '{"name": "samjax", "kind": "predict", "case": {...}, ...}'
"""

import ctypes
import gc
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import jax

from experiments.bench import contenders
from experiments.bench.case import NetworkCase, random_variables, variables_of
from experiments.bench.cells import LEFT_OUT, UNDER_WAY, Cell, Cells, describe, run_cells
from experiments.bench.plan import Plan
from samjax.errors import UserError

STATUS = Path("/proc/self/status")


def measure(plan: Plan) -> Cells:
    """Yield the peak memory of prediction and training step, for each contender.

    Yields:
        "predict, batch 1" and the like with {contender: bytes}: on a CPU those of the process
        beyond what its imports take, on a GPU those of the device.
    """
    measures = {
        task_name(kind, batch): partial(
            _measure_task, kind, plan._replace(case=plan.case._replace(batch=batch))
        )
        for kind, batch in plan.memory_tasks
    }
    yield from run_cells(measures, plan)


def task_name(kind: str, batch: int) -> str:
    """Return the name of a cell."""
    return f"{kind}, batch {batch}"


def _measure_task(kind: str, plan: Plan) -> Iterator[Cell]:
    """Yield the contenders' peaks at one task, one more each time."""
    if jax.default_backend() == "cpu" and not STATUS.exists():
        yield {LEFT_OUT: "peak memory is read from /proc, which this system does not have"}
        return
    peaks: Cell = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in _names(kind, plan):
            if plan.seconds_left <= 0:
                return
            plan.tell(f"    {name}")
            try:
                # Written here, because a user's process only reads the file, too.
                contenders.prepare(name, plan.case, variables_of(plan.case), Path(folder))
                peaks[name] = _measure_in_a_process(name, kind, plan, Path(folder))
            except Exception as error:
                if not plan.keeps_going:
                    raise
                plan.tell(f"    {name}: {describe(error)}")
            yield peaks | {UNDER_WAY: True}
    yield peaks


def _names(kind: str, plan: Plan) -> list[str]:
    """Return whose memory is measured; that of another layout hardly differs."""
    names = contenders.names(kind, plan.case.dtype, plan.every)
    return [name for name in names if not name.endswith("channels_last")]


def _measure_in_a_process(name: str, kind: str, plan: Plan, folder: Path) -> int:
    """Return `peak_bytes` as a new process measures it.

    Raises:
        UserError: The process failed, where the message is its last line, or time was over.
    """
    fields = {"name": name, "kind": kind, "case": plan.case._asdict(), "folder": str(folder)}
    seconds_left = plan.hard_limit - time.time()
    try:
        process = subprocess.run(
            [sys.executable, "-m", __name__, json.dumps(fields)],
            capture_output=True,
            text=True,
            check=False,
            timeout=None if math.isinf(seconds_left) else max(1.0, seconds_left),
        )
    except subprocess.TimeoutExpired as error:
        raise UserError(f"{name} at {kind} was not done when the time was over") from error
    if process.returncode:
        last_line = process.stderr.strip().splitlines()[-1:]
        raise UserError(f"{name} failed at {kind} in a process of its own: {' '.join(last_line)}")
    return int(process.stdout.split()[-1])


def peak_bytes(name: str, kind: str, case: NetworkCase, folder: Path) -> int:
    """Return the bytes at the worst moment of calls after the first, which compiles.

    Args:
        name: The contender.
        kind: "predict" or "train_step".
        case: The network.
        folder: Where it lies exported, for the contenders who read it.
    """
    jax.devices()
    if case.dtype == "float32":
        # This imports PyTorch for all contenders, so that the difference is fair.
        contenders.use_exact_float32()
    if name in contenders.RUNTIMES:
        from experiments.bench import onnx_side

        onnx_side.import_runtime(name)
    bytes_imported = _read_status("VmRSS") if STATUS.exists() else 0
    # An exported network has its variables in its file.
    variables = {} if name in contenders.RUNTIMES else random_variables(case)
    program = contenders.make_program(name, kind, case, variables, folder)
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
    case = NetworkCase(**task["case"])
    print(peak_bytes(task["name"], task["kind"], case, Path(task["folder"])))
