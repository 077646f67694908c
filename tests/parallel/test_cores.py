"""The cores of a process, which may be fewer than those of the machine."""

import os

import jax
import pytest

from samjax.parallel.cores import THREADS, usable_cores, warning_about_threads
from samjax.parallel.mesh import make_mesh


def test_there_is_a_core_on_every_system(monkeypatch):
    assert usable_cores() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert usable_cores() == (os.cpu_count() or 1)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux limits a process")
def test_a_process_with_one_core_has_one():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_several_devices_of_a_cpu_are_warned_of_unless_their_threads_are_chosen(monkeypatch):
    monkeypatch.delenv(THREADS, raising=False)
    assert warning_about_threads(make_mesh(devices=jax.devices()[:1])) == ""
    several = make_mesh(devices=jax.devices()[:4])
    assert "4 devices of one CPU" in warning_about_threads(several)
    assert "NPROC=8 " in warning_about_threads(several)
    monkeypatch.setenv(THREADS, "8")
    assert warning_about_threads(several) == ""
