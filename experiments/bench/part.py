"""One part of `experiments.gpu`, in a process of its own.

python -m experiments.bench.part '{"subject": "parity", "output": "runs/gpu", "until": ..., ...}'

The last line on standard output says what went wrong, if anything did.
"""

import importlib
import json
import sys
from pathlib import Path

import jax

from experiments.bench.cells import describe
from experiments.bench.plan import make_gpu_plan
from experiments.bench.report import write_results
from samjax.errors import UserError


def run_part(subject: str, output: str, until: float, quick: bool, data_dir: str) -> None:
    """Measure a subject and write its file.

    Raises:
        UserError: There is no GPU, and a miniature was not asked for.
    """
    if jax.default_backend() == "cpu" and not quick:
        raise UserError("JAX sees no GPU here; --quick tries everything in miniature on the CPU")
    plan = make_gpu_plan(quick, until)._replace(data_dir=data_dir, output=output)
    measure = importlib.import_module(f"experiments.bench.{subject}").measure
    write_results(Path(output) / f"{subject}.json", measure(plan), plan)


if __name__ == "__main__":
    try:
        run_part(**json.loads(sys.argv[1]))
    except UserError as error:
        print(error)
        sys.exit(1)
    except Exception as error:
        print(describe(error))
        raise
