"""The process of `tests.campaigns.files` that reads mutants, one for each line on standard input.

python -m tests.campaigns.file_worker SEED FOLDER KEEP

Each line has the name of a reader and the number of a mutant; the answer is a line of JSON. What
readers and their libraries print goes nowhere.
"""

import json
import os
import resource
import shutil
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from samjax.errors import UserError
from tests.campaigns.mutations import mutate
from tests.campaigns.readers import Reader, all_readers

ADDRESS_SPACE = 8 * 2**30  # beyond what the process has when it starts
MAX_MESSAGE = 2000  # characters of a refusal


def main() -> None:
    """Answer until the input ends."""
    seed, folder, keep = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    answers = os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    warnings.simplefilter("ignore")
    readers = all_readers()
    limit = _status("VmSize") * 1024 + ADDRESS_SPACE
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    print("ready", file=answers, flush=True)
    good: dict[str, dict[str, bytes]] = {}
    for line in sys.stdin:
        name, number = line.split()
        reader = readers[name]
        if name not in good:
            good[name] = _good_files(reader, folder)
        rng = np.random.default_rng([seed, zlib.crc32(name.encode()), int(number)])
        path = _write_mutant(reader, good[name], folder, rng)
        answer = attempt(reader, path)
        print(json.dumps(answer), file=answers, flush=True)
        if keep and answer["outcome"] not in ("result", "refused"):
            target = Path(keep) / f"{name}-{number}"
            target.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if path.is_dir() else shutil.copy)(path, target / path.name)


def attempt(reader: Reader, path: Path) -> dict[str, Any]:
    """Return what happens to one file."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak of memory begins anew
    before = _status("VmRSS")
    try:
        reader.read(path)
        outcome, message = "result", ""
    except UserError as error:
        message = str(error)
        one_line = "\n" not in message and "\r" not in message
        outcome = "refused" if one_line and len(message) < MAX_MESSAGE else "several lines"
    except BaseException as error:
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        place = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else ""
        outcome, message = "traceback", f"{type(error).__name__}: {str(error)[:200]} ({place})"
    return {
        "outcome": outcome,
        "message": message[:300],
        "mib": (_status("VmHWM") - before) / 1024,
    }


def _good_files(reader: Reader, folder: Path) -> dict[str, bytes]:
    """Return the bytes of a reader's good file, or of the files of its folder, by their names."""
    path = folder / "good" / reader.name / reader.file
    shutil.rmtree(path.parent, ignore_errors=True)  # of a process that ended
    path.parent.mkdir(parents=True)
    reader.write(path)
    reader.read(path)  # a reader that refuses the good file would prove nothing
    if path.is_file():
        return {"": path.read_bytes()}
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}


def _write_mutant(
    reader: Reader, good: dict[str, bytes], folder: Path, rng: np.random.Generator
) -> Path:
    """Write the good files with one of them damaged, and return the path."""
    path = folder / "mutant" / reader.file
    shutil.rmtree(path.parent, ignore_errors=True)
    path.parent.mkdir()
    damaged = str(rng.choice(sorted(good)))
    for name, data in good.items():
        file = path / name if name else path
        file.parent.mkdir(parents=True, exist_ok=True)
        if name != damaged:
            file.write_bytes(data)
        elif not name or rng.random() > 0.05:  # else the file of a folder is missing
            file.write_bytes(mutate(data, rng))
    return path


def _status(field: str) -> int:
    """Return a number of this process's status, in KiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    raise KeyError(field)


if __name__ == "__main__":
    main()
