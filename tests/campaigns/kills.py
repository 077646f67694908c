"""Kills in every phase of real trainings, and whether the same command goes on bit for bit.

    python -m tests.campaigns.kills --rounds 10 --processes 2 --folder /tmp/kills

In each round a training is killed (SIGKILL) while it restores, compiles, steps, validates or saves;
with several processes one of them is, and the others must end by themselves with status 1 and one
line. The same command must then end in the state, the log and the best checkpoint of a training
that was left alone. One line tells each round, and the last one counts them.
"""

import random
import signal
import time
from collections import Counter

from tests.campaigns.signals import LONGEST, PHASES
from tests.campaigns.trainings import Ended, Trainings, parse, result

MAX_SECONDS = 60.0
"""For the other processes to end after one was killed; the documentation says a few seconds."""


def wait_for_end(runs: Trainings, processes: list, killed: int) -> tuple[Ended, float]:
    """Return how all ended, and the seconds between the kill and the end of the last one."""
    processes[killed].wait()
    begun = time.monotonic()
    ended = runs.wait(processes)
    return ended, time.monotonic() - begun


def is_told(ended: Ended, killed: int, seconds: float) -> bool:
    """Return whether all processes but the killed one ended in time, with status 1 and one line."""
    for number, (status, error) in enumerate(zip(ended.statuses, ended.errors, strict=True)):
        lines = [line for line in error.splitlines() if line.startswith("error: ")]
        noise = any(word in error for word in ("Traceback", "stack trace", "coordination"))
        if number != killed and (status != 1 or len(lines) != 1 or noise):
            return False
    return seconds < MAX_SECONDS


def main() -> int:
    """Play the rounds; return 1 if one of them went wrong."""
    args, runs = parse(__doc__, rounds=10)
    if not (runs.folder / "whole").is_dir():
        assert runs.finish(runs.new("whole")).statuses == [0] * args.processes
    whole, phases, counts = result(runs.folder / "whole"), PHASES[1:], Counter()
    for number in range(args.first, args.first + args.rounds):
        rng = random.Random(f"{args.seed} {number}")
        phase, killed = phases[number % len(phases)], rng.randrange(args.processes)
        nth = 1 if phase in ("restore", "compile") else rng.randint(2, 3)
        moment = f"{phase}:{nth}:{rng.uniform(0, LONGEST[phase]):.3f}:{int(signal.SIGKILL)}"
        workdir = runs.new(f"kills-{number}")
        ended, seconds = wait_for_end(runs, runs.start(workdir, {killed: moment}), killed)
        told = is_told(ended, killed, seconds)
        names = [path.name for path in (workdir / "checkpoints").glob("*")]
        saved = sorted(int(name) for name in names if name.isdigit())
        finished = runs.finish(workdir)
        same = finished.statuses == [0] * args.processes and result(workdir) == whole
        counts.update([f"{phase} {'same' if same else 'DIFFERENT'}"])
        counts.update(["others told" if told else "others NOT TOLD"])
        print(
            f"{number}: {moment} in process {killed}: {ended.statuses}, the last one after "
            f"{seconds:.1f} s; saved {saved}; "
            f"{'same' if same else 'DIFFERENT'}{'' if told else ', NOT TOLD'}",
            flush=True,
        )
        for error in ended.errors + finished.errors if not (same and told) else []:
            print(error[-1500:], flush=True)
    print(dict(counts))
    return int(any(word in str(dict(counts)) for word in ("DIFFERENT", "NOT TOLD")))


if __name__ == "__main__":
    raise SystemExit(main())
