"""The command: where it listens, that it ends, and many requests at a time."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from tiny_model import save_tiny_model
from ui_server import encoded, picture

from samjax.cli import main
from samjax.ui import server

pytest.importorskip("fastapi", reason="the page needs the extra `ui`")


def post(url: str, data: bytes, **fields: str) -> dict:
    """Send a picture by nothing but the standard library, as another program would."""
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
        for k, v in fields.items()
    ]
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.png"\r\n\r\n'
    body = b"".join(parts) + head + data + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=600) as answer:
        return json.load(answer)


def test_many_clients_get_the_right_answers(url, model):
    """8 clients send 5 requests each, of pictures that differ."""
    pictures = [picture(seed, 20 + seed, 40) for seed in range(5)]
    peaks = [float(model(pixels).density.max()) for pixels in pictures]
    files = [encoded(pixels) for pixels in pictures]

    def client(number: int) -> None:
        for i in range(5):
            k = (number + i) % 5
            answer = post(f"{url}/predict", files[k])
            assert answer["height"] == 20 + k
            # In a batch the sums are taken in another order.
            assert answer["density"]["peak"] == pytest.approx(peaks[k], rel=1e-4)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(client, range(8)))


def test_it_serves_until_ctrl_c(tmp_path):
    weights = save_tiny_model(tmp_path / "tiny.safetensors")
    command = [sys.executable, "-m", "samjax.cli", "ui", "--port=0", f"--weights={weights}"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=tmp_path) as process:
        url = process.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        answer = post(f"{url}areas", encoded(picture(0)), grid="2x2")
        assert len(answer["images"][0]["areas"]) == 4
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=600)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert f"the page is at {url}" in errors
    assert "no login" not in errors
    assert os.listdir(tmp_path) == ["tiny.safetensors"]


def test_a_taken_port_is_told(capsys):
    with server.bind(server.Address("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["ui", f"--port={port}"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"port {port} of 127.0.0.1 cannot be taken" in error


def test_a_host_that_is_none_is_told(capsys):
    assert main(["ui", "--host=no such host", "--port=0"]) == 1
    assert "there is no such address" in capsys.readouterr().err


def test_without_the_extra_one_line_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setattr(server, "NEEDED", ("fastapi", "samjax_no_such_package"))
    assert main(["ui"]) == 1
    message = "samjax ui: the page needs samjax_no_such_package; run: pip install 'samjax[ui]'\n"
    assert capsys.readouterr().err == message


@pytest.mark.parametrize("option", ["--port=65536", "--port=x", "--queue=0", "--max-pixels=0"])
def test_wrong_options_are_wrong_usage(option, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["ui", option])
    assert stop.value.code == 2


def test_the_comparison_has_as_many_showings_as_the_command():
    from samjax.commands.compare_options import AUGMENTATIONS
    from samjax.ui import comparison

    assert comparison.AUGMENTATIONS == AUGMENTATIONS
