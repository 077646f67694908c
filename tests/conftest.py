"""Eight CPU devices, strict rank promotion; set before anything imports JAX."""

import gc
import os
import signal
import tempfile

from quick_compilation import FLAGS, UNOPTIMISED

os.environ["XLA_FLAGS"] = FLAGS
# Another processor's arithmetic on this one: SAMJAX_TEST_ISA=AVX2, or SSE4_2. It is made by the
# emitter of fused loops that users have.
if isa := os.environ.get("SAMJAX_TEST_ISA"):
    os.environ["XLA_FLAGS"] = f"{UNOPTIMISED} --xla_cpu_max_isa={isa}"
os.environ["XLA_FLAGS"] += " --xla_force_host_platform_device_count=8"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # more only fight over the cores

from pathlib import Path

import jax
import numpy as np
import pytest
from jaxtyping import install_import_hook

# A shell starts what runs in its background with Ctrl-C ignored, and tests press it.
signal.signal(signal.SIGINT, signal.default_int_handler)
# The annotated shapes and types of arrays are checked in every call of these rooms.
install_import_hook(["samjax.models", "samjax.metrics"], "shape_checker.check")

jax.config.update("jax_numpy_rank_promotion", "raise")
# A program that several tests compile is compiled once per session, in whichever process: the first
# one, which starts the others, makes the folder and names it in their environment.
if "SAMJAX_TEST_PROGRAMS" not in os.environ:
    _PROGRAMS = tempfile.TemporaryDirectory(prefix="samjax-tests-")
    os.environ["SAMJAX_TEST_PROGRAMS"] = _PROGRAMS.name
jax.config.update("jax_compilation_cache_dir", os.environ["SAMJAX_TEST_PROGRAMS"])
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)


# These files take longest: most of them train, some in processes of their own. They begin first, so
# that no process of the suite is left alone with one of them at the end.
LONGEST = (
    "parallel/test_elastic.py",
    "experiments/ablation/test_run.py",
    "parallel/test_mesh.py",
    "training/test_loop.py",
    "training/test_resume.py",
    "training/test_cached_training.py",
    "training/test_watched.py",
    "models/test_released_network.py",
    "prediction/test_predict_original.py",
    "training/test_damage.py",
    "training/test_configs.py",
    "experiments/launching/test_job.py",
    "report/test_data.py",
)


# Tracing and compiling make millions of objects. To look for garbage among them and all that was
# imported, as often as Python does, takes a twentieth of the time.
gc.set_threshold(100_000, 50, 100)


def pytest_collection_finish() -> None:
    """Look no more for garbage among the modules and the tests."""
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of the longest files first; the order within a file stays."""
    places = {name: place for place, name in enumerate(LONGEST)}

    def place(item: pytest.Item) -> int:
        path = item.path.as_posix()
        return next((places[name] for name in LONGEST if path.endswith(name)), len(LONGEST))

    items.sort(key=place)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the prepared dataset `synthetic` that tiny trainings use."""
    from tiny_training import prepare
    from trained import build_once

    return build_once(tmp_path_factory, "scenes", prepare)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real fixations and golden numbers; tests that need it skip without it."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("needs ../shared (real fixations and golden numbers), which is not here")
    return folder
