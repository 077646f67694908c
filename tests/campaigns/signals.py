"""Signals at random moments of real trainings, and whether the same command goes on bit for bit.

    python -m tests.campaigns.signals --rounds 10 --processes 2 --folder /tmp/signals

In each round a training gets SIGTERM, SIGUSR1 or SIGINT at a moment that the seed draws (with
several processes all of them, or one), must end with 143, 138 or 130, and is then finished by the
same command. Its last state, its log and its best checkpoint must be those of a training that was
left alone. One line tells each round, and the last one counts them.
"""

import random
import signal
import time
from collections import Counter
from pathlib import Path

from tests.campaigns.trainings import Trainings, parse, result

PHASES = ("anywhere", "restore", "compile", "step", "validation", "save")
SIGNALS = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)
LONGEST = {"restore": 1.0, "compile": 4.0, "step": 0.05, "validation": 0.1, "save": 0.3}
"""Seconds within which a signal comes after the phase began."""


def play(runs: Trainings, number: int, seed: int, seconds: float) -> tuple[list[int], str, Path]:
    """Disturb one training; return the exit statuses, what was done, and the work folder.

    Args:
        runs: Starts them.
        number: Of the round; the phases take turns.
        seed: Of the moment.
        seconds: That a whole run takes.
    """
    rng = random.Random(f"{seed} {number}")
    workdir, phase = runs.new(f"signals-{number}"), PHASES[number % len(PHASES)]
    signum = rng.choice(SIGNALS)
    hit = rng.choice([[0], [runs.processes - 1], list(range(runs.processes))])
    if phase == "anywhere":
        delay = rng.uniform(0, seconds)
        processes = runs.start(workdir)
        time.sleep(delay)
        for k in hit:
            processes[k].send_signal(signum)
        moment = f"{delay:.2f} s after the start"
    else:
        nth = 1 if phase in ("restore", "compile") else rng.randint(2, 3)
        moment = f"{phase}:{nth}:{rng.uniform(0, LONGEST[phase]):.3f}:{int(signum)}"
        processes = runs.start(workdir, dict.fromkeys(hit, moment))
    ended = runs.wait(processes)
    last = [line for error in ended.errors for line in error.splitlines()[-1:]]
    return ended.statuses, f"{signum.name} to {hit} at {moment}: {' | '.join(last)}", workdir


def main() -> int:
    """Play the rounds; return 1 if one of them went wrong."""
    args, runs = parse(__doc__, rounds=12)
    if not (runs.folder / "warm").is_dir():
        runs.finish(runs.new("warm"))  # compiles
    begun = time.monotonic()
    assert runs.finish(runs.new("whole")).statuses == [0] * args.processes
    seconds = time.monotonic() - begun
    whole = result(runs.folder / "whole")
    counts: Counter[str] = Counter()
    for number in range(args.first, args.first + args.rounds):
        statuses, text, workdir = play(runs, number, args.seed, seconds)
        finished = runs.finish(workdir)
        same = finished.statuses == [0] * args.processes and result(workdir) == whole
        counts.update([f"ended {statuses}", "same" if same else "DIFFERENT"])
        print(f"{number}: {statuses} {'same' if same else 'DIFFERENT'}: {text}", flush=True)
        if not same:
            print("\n".join(finished.errors)[-2000:], flush=True)
    print(dict(counts))
    return int(counts["DIFFERENT"] > 0)


if __name__ == "__main__":
    raise SystemExit(main())
