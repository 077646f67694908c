"""Small trainings in processes of their own, and what they leave."""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
STEPS = 24
CONFIG = """
from pathlib import Path
from tiny_training import tiny_config

def get_config():
    config = tiny_config(
        Path({data!r}), max_steps={steps}, log_every=5, checkpoint_every=4, batch_size=2
    )
    config.train.evaluate_every = 0.5  # every sixth step
    config.model.timesteps = 1
    return config
"""


@dataclass
class Ended:
    """How the processes of a run ended, in their order."""

    statuses: list[int]
    errors: list[str]


class Trainings:
    """One configuration, trained again and again in work folders of a folder.

    Args:
        folder: For everything that is made.
        processes: Of each run; 1 or 2.
    """

    def __init__(self, folder: Path, processes: int) -> None:
        self.folder, self.processes = folder, processes
        folder.mkdir(parents=True, exist_ok=True)
        sys.path.insert(0, str(ROOT / "tests" / "support"))
        from tiny_training import prepare

        if not (folder / "data").is_dir():
            prepare(folder / "data")
        self._config = folder / "config.py"
        self._config.write_text(CONFIG.format(data=str(folder / "data"), steps=STEPS))

    def start(self, workdir: Path, disturb: dict[int, str] | None = None) -> list[subprocess.Popen]:
        """Start the processes of a run; `disturb` has the moment of some, see `disturbed`."""
        with socket.socket() as probe:
            probe.bind(("localhost", 0))
            port = probe.getsockname()[1]
        started = []
        for number in range(self.processes):
            command = [sys.executable, "-m", "experiments.train"]
            environment = os.environ | {
                "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests/support")]),
                "JAX_PLATFORMS": "cpu",
                "SAMJAX_CACHE": str(self.folder / "cache"),
            }
            if disturb and number in disturb:
                command[-1] = "tests.campaigns.disturbed"
                environment["DISTURB"] = disturb[number]
            flags = [f"--config={self._config}", f"--workdir={workdir}"]
            if self.processes > 1:
                flags += ["--multihost", f"--coordinator=localhost:{port}"]
                flags += [f"--processes={self.processes}", f"--process={number}"]
            process = subprocess.Popen(
                [*command, *flags],
                env=environment,
                cwd=ROOT,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            started.append(process)
        return started

    def wait(self, processes: list[subprocess.Popen]) -> Ended:
        """Return how they end; an hour is the limit against hanging."""
        try:
            errors = [process.communicate(timeout=3600)[1] for process in processes]
        finally:
            for process in processes:
                process.kill()
        return Ended([process.returncode for process in processes], errors)

    def finish(self, workdir: Path) -> Ended:
        """Give the same command again, until the end."""
        return self.wait(self.start(workdir))

    def new(self, name: str) -> Path:
        """Return an empty work folder."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        return self.folder / name


def result(workdir: Path) -> tuple[bytes, list[dict]]:
    """Return the last checkpoint's arrays as bytes, and the log without what depends on time."""
    import jax

    from samjax.training.checkpoint import Checkpoints

    items = ("step", "params", "batch_stats", "opt_state", "ema", "best", "best_step")
    checkpoints = Checkpoints(workdir / "checkpoints")
    saved = jax.device_get(checkpoints.load(items, STEPS))
    steps, best = checkpoints.steps, checkpoints.best_step
    checkpoints.close()
    arrays = b"".join(leaf.tobytes() for leaf in jax.tree.leaves(saved))
    records = map(json.loads, (workdir / "metrics.jsonl").read_text().splitlines())
    timed = ("images_per_second", "data_wait")
    log = [{k: v for k, v in record.items() if k not in timed} for record in records]
    return arrays, [*log, {"steps": steps, "best": best}]


def parse(description: str | None, rounds: int) -> tuple[argparse.Namespace, Trainings]:
    """Return the arguments of a campaign and its trainings; `rounds` is how many it plays."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--first", type=int, default=0, help="number of the first round")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    folder = args.folder or Path(tempfile.mkdtemp())
    return args, Trainings(folder / f"{args.processes}", args.processes)
