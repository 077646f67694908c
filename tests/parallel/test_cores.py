"""The cores of a process, which may be fewer than those of the machine."""

import os

import pytest

from samjax.parallel import cores
from samjax.parallel.cores import (
    DEVICES,
    FLAGS,
    THREADS,
    give_threads,
    usable_cores,
    warning_about_threads,
)


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


@pytest.fixture
def two_cores(monkeypatch):
    """A process with two cores, of whose threads the environment says nothing."""
    for name in (THREADS, DEVICES, FLAGS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(cores, "usable_cores", lambda: 2)


@pytest.mark.parametrize(
    ("name", "value", "threads"),
    [
        (DEVICES, "4", "8"),
        (FLAGS, "--xla_a=1 --xla_force_host_platform_device_count=3", "6"),
        (DEVICES, "1", None),
        (DEVICES, "", None),
        (DEVICES, "many", None),
        (FLAGS, "--xla_a=4", None),
    ],
)
def test_devices_of_a_cpu_have_two_threads_each(two_cores, monkeypatch, name, value, threads):
    monkeypatch.setenv(name, value)
    monkeypatch.setenv(THREADS, "")  # so that it is restored
    monkeypatch.delenv(THREADS)
    give_threads()
    assert os.environ.get(THREADS) == threads


def test_threads_that_were_chosen_or_that_suffice_are_left(two_cores, monkeypatch):
    monkeypatch.setenv(DEVICES, "4")
    monkeypatch.setenv(THREADS, "5")
    give_threads()
    assert os.environ[THREADS] == "5"
    monkeypatch.delenv(THREADS)
    monkeypatch.setattr(cores, "usable_cores", lambda: 8)
    give_threads()
    assert THREADS not in os.environ


def test_several_devices_of_a_cpu_are_warned_of_unless_they_have_threads(two_cores, monkeypatch):
    assert warning_about_threads(1) == ""
    assert "4 devices of one CPU" in warning_about_threads(4)
    assert "NPROC=8 " in warning_about_threads(4)
    monkeypatch.setenv(THREADS, "8")
    assert warning_about_threads(4) == ""
