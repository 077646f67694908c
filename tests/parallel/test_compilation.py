"""A program that was compiled once is not compiled again by the next process."""

import os
import subprocess
import sys

PROGRAM = """
import sys
from samjax.parallel.compilation import keep_compiled_programs
keep_compiled_programs()
assert "jax" not in sys.modules
import jax, jax.numpy as jnp
from jax._src import monitoring
hits = []
monitoring.register_event_listener(lambda name, **_: hits.append(name))
f = jax.jit(lambda x: jnp.linalg.svd(jnp.sin(x) @ x.T)[0].sum())
print(float(f(jnp.ones((32, 32)))), "/jax/compilation_cache/cache_hits" in hits)
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


def test_the_users_own_choice_stands(tmp_path):
    run(SAMJAX_CACHE=str(tmp_path / "ours"), JAX_COMPILATION_CACHE_DIR=str(tmp_path / "theirs"))
    assert any((tmp_path / "theirs").iterdir())
    assert not (tmp_path / "ours").exists()
    run(SAMJAX_CACHE=str(tmp_path / "ours"), JAX_COMPILATION_CACHE_DIR="")
    assert not (tmp_path / "ours").exists()
