"""How the page's server stands many requests at a time: speed, memory, and right answers.

python -m experiments.ui_load --requests=200 --clients=8 --output=runs/bench/ui.json

The server is `samjax ui` in a process of its own. The pictures are those of
`experiments.photographs`, and each answer is compared with what the model says here.
"""

import json
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from absl import flags

from experiments.free_photographs import collect
from experiments.launch import launch
from samjax.data.images import read_photo
from samjax.files.json_file import write_json
from samjax.prediction.predictor import load_model

_REQUESTS = flags.DEFINE_integer("requests", 200, "How many requests in all.", lower_bound=1)
_CLIENTS = flags.DEFINE_integer("clients", 8, "How many clients at a time.", lower_bound=1)
_WEIGHTS = flags.DEFINE_string("weights", None, "As for samjax ui.")
_OUTPUT = flags.DEFINE_string("output", "runs/bench/ui.json", "File for the figures.")
TOLERANCE = 1e-3
"""Relative, of the map's peak: a batch is summed in another order than a single picture."""


def run() -> None:
    """Run the program with the values of its flags."""
    with tempfile.TemporaryDirectory() as folder:
        collect(Path(folder))
        photos = sorted(path for path in Path(folder).iterdir() if path.suffix != ".txt")
        model = load_model(_WEIGHTS.value)
        peaks = [float(model(read_photo(path)).density.max()) for path in photos]
        files = [path.read_bytes() for path in photos]
    options = [f"--weights={_WEIGHTS.value}"] if _WEIGHTS.value else []
    command = [sys.executable, "-m", "samjax.cli", "ui", "--port=0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        try:
            figures = load(f"{url}predict", files, peaks, server.pid)
        finally:
            server.send_signal(signal.SIGINT)
    print(json.dumps(figures, indent=1))
    print(write_json(_OUTPUT.value, figures))


def load(url: str, files: list[bytes], peaks: list[float], pid: int) -> dict[str, Any]:
    """Send the requests, and return the figures.

    Args:
        url: Of /predict.
        files: The pictures.
        peaks: What the greatest density of each picture is.
        pid: Of the server.
    """
    for file in files:  # the programs of all canvases are compiled, or loaded, before time counts
        post(url, file)
    idle = memory(pid)["VmRSS"]

    def request(number: int) -> tuple[float, bool, bool]:
        start, place = time.perf_counter(), number % len(files)
        try:
            answer = post(url, files[place])
        except OSError:
            return time.perf_counter() - start, True, False
        peak = answer["density"]["peak"]
        return time.perf_counter() - start, False, abs(peak / peaks[place] - 1) > TOLERANCE

    start = time.perf_counter()
    with ThreadPoolExecutor(_CLIENTS.value) as pool:
        rows = list(pool.map(request, range(_REQUESTS.value)))
    seconds = time.perf_counter() - start
    times, errors, wrong = (np.array(column) for column in zip(*rows, strict=True))
    return {
        "requests": len(rows),
        "clients": _CLIENTS.value,
        "errors": int(errors.sum()),
        "wrong": int(wrong.sum()),
        "seconds": seconds,
        "requests_per_second": len(rows) / seconds,
        "median_seconds": float(np.median(times)),
        "p95_seconds": float(np.quantile(times, 0.95)),
        "max_seconds": float(times.max()),
        "rss_mib_before": idle,
        "rss_mib_after": memory(pid)["VmRSS"],
        "rss_mib_peak": memory(pid)["VmHWM"],
    }


def post(url: str, data: bytes) -> dict[str, Any]:
    """Return the answer to a picture that is sent."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="p"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    body = head + data + b"\r\n--b--\r\n"
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=300) as answer:
        return json.load(answer)


def memory(pid: int) -> dict[str, float]:
    """Return the memory of a process in MiB: VmRSS now, VmHWM at most; nan where it is unknown."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return {"VmRSS": float("nan"), "VmHWM": float("nan")}
    return {name: int(kib) / 1024 for name, kib in re.findall(r"(VmRSS|VmHWM):\s*(\d+)", text)}


if __name__ == "__main__":
    launch(run)
