"""Gives damaged files to everything that reads files, and counts what happens.

    python -m tests.campaigns.files --mutants=10000 --seed=0 [--reader=map] [--keep=FOLDER]

Each mutant is read in a process of its own kind (`file_worker`), which a crash ends and nothing
else. Good is a result, or a refusal in one line, within 20 seconds and 2 GiB of memory. Everything
else is printed with the name and the number of the mutant, and `--keep` writes those files. Ends
with 1 if there was any.
"""

import argparse
import json
import select
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from tests.campaigns.readers import all_readers

ROOT = Path(__file__).parents[2]
SECONDS = 20
MAX_MIB = 2048
GOOD = ("result", "refused")


class Worker:
    """A process that reads mutants, made anew when one of them has ended it."""

    def __init__(self, seed: int, folder: Path, keep: Path | None) -> None:
        """Prepare; the process starts with the first mutant."""
        self._arguments = [str(seed), str(folder), str(keep or "")]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Return the worker itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self._end()

    def read(self, reader: str, number: int) -> dict[str, Any]:
        """Return what happened to a mutant: {"outcome", "message", "mib"}."""
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{reader} {number}\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], SECONDS)
        answer = process.stdout.readline() if ready else ""
        if not answer:
            if ready:  # it has ended, and tells in a moment how
                process.wait(SECONDS)
            status = process.poll()
            self._end()
            what = f"the process ended with {status}" if ready else f"more than {SECONDS} s"
            return {"outcome": "crash" if ready else "hang", "message": what, "mib": 0.0}
        return json.loads(answer)

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.campaigns.file_worker", *self._arguments]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self._process.stdout.readline()  # it says when it has imported everything
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._process = None


def campaign(
    names: Sequence[str], mutants: int, seed: int = 0, keep: Path | None = None
) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Read so many mutants, spread evenly over readers; yield reader, number and what happened."""
    with tempfile.TemporaryDirectory() as folder, Worker(seed, Path(folder), keep) as worker:
        for number in range(mutants):
            name = names[number % len(names)]
            answer = worker.read(name, number)
            if answer["mib"] > MAX_MIB:
                answer["outcome"] = "memory"
            yield name, number, answer


def main() -> int:
    """Run the campaign, print a table, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reader", default="", help="only those whose name begins so")
    parser.add_argument("--keep", type=Path, help="a folder for the files that end badly")
    args = parser.parse_args()
    names = [name for name in all_readers() if name.startswith(args.reader)]
    counts = {name: Counter[str]() for name in names}
    largest = 0.0
    for name, number, answer in campaign(names, args.mutants, args.seed, args.keep):
        counts[name][answer["outcome"]] += 1
        largest = max(largest, answer["mib"])
        if answer["outcome"] not in GOOD:
            print(f"{answer['outcome']}: {name} {number}: {answer['message']}", flush=True)
    for name, outcomes in counts.items():
        print(f"{name:24}", ", ".join(f"{n} {what}" for what, n in sorted(outcomes.items())))
    total = sum(counts.values(), Counter())
    bad = {what: n for what, n in total.items() if what not in GOOD}
    print(f"{args.mutants} mutants:", ", ".join(f"{n} {what}" for what, n in total.most_common()))
    print(f"at most {largest:.0f} MiB for one")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
