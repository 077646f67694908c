"""Values of all processes reach all of them, in order."""

import json
import socket
import subprocess
import sys

import pytest

from samjax.parallel.processes import all_gather_objects, is_main_process

PROGRAM = """
import json, sys
import jax
number, port = int(sys.argv[1]), sys.argv[2]
jax.distributed.initialize(f"localhost:{port}", 2, number)
from samjax.parallel.processes import all_gather_objects, is_main_process
value = {"number": number, "text": "x" * 1000 * number}  # of different lengths
print(json.dumps([is_main_process(), all_gather_objects(value)]))
"""


def test_one_process_is_the_main_one_and_has_its_own_value():
    assert is_main_process()
    assert all_gather_objects({"a": 1}) == [{"a": 1}]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def test_two_processes_have_both_values_in_order(port):
    commands = [[sys.executable, "-c", PROGRAM, str(number), str(port)] for number in range(2)]
    processes = [subprocess.Popen(c, stdout=subprocess.PIPE, text=True) for c in commands]
    try:
        # A generous limit against hanging: a process that fails leaves the other one waiting.
        printed = [process.communicate(timeout=900)[0].splitlines()[-1] for process in processes]
    finally:
        for process in processes:
            process.kill()
    values = [{"number": 0, "text": ""}, {"number": 1, "text": "x" * 1000}]
    assert [json.loads(line) for line in printed] == [[True, values], [False, values]]
