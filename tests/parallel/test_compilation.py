"""A program that was compiled once is not compiled again by the next process."""

import os
import subprocess
import sys

import pytest

from samjax.parallel.compilation import FOLDER, MIN_SECONDS, keep_compiled_programs

PROGRAM = """
import sys
from samjax.parallel.compilation import keep_compiled_programs
keep_compiled_programs()
assert "jax" not in sys.modules
import jax, jax.numpy as jnp
from jax._src import monitoring
hits = []
monitoring.register_event_listener(lambda name, **_: hits.append(name))
f = jax.jit(lambda x: (jnp.sin(x) @ x.T).sum())
print(float(f(jnp.ones((8, 8)))), "/jax/compilation_cache/cache_hits" in hits)
"""


def run(**environment) -> list[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JAX_", "XLA_"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=kept | {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_the_second_process_finds_the_firsts_programs(tmp_path):
    first, second = run(SAMJAX_CACHE=str(tmp_path)), run(SAMJAX_CACHE=str(tmp_path))
    assert (first[1], second[1]) == ("False", "True")
    assert first[0] == second[0]
    assert any((tmp_path / "programs").iterdir())


@pytest.mark.parametrize("choice", ["/theirs", ""])
def test_the_users_own_choice_stands(monkeypatch, choice):
    monkeypatch.setenv(FOLDER, choice)
    monkeypatch.setenv(MIN_SECONDS, "3")
    keep_compiled_programs()
    assert (os.environ[FOLDER], os.environ[MIN_SECONDS]) == (choice, "3")
