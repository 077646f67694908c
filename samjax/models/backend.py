"""The arithmetic that a network is built with: the CPU's own, or XLA's on any device.

"cpu" takes the arithmetic of `samjax.models.cpu` where that is faster; "xla" leaves everything to
XLA. Both give the same numbers up to rounding, and programs of either kind run on every device, so
a wrong choice costs time and never correctness.

The choice is a field of every module and is made once, where the devices are known: by the code
that builds a network for training or for prediction. No module asks JAX for its default backend
while it is traced, because a program may be compiled for another device than the default one.
"""

from collections.abc import Iterable

import jax

CPU = "cpu"
XLA = "xla"
BACKENDS = (CPU, XLA)


def resolve(devices: Iterable[jax.Device] | None = None) -> str:
    """Return the backend to build a network with that will run on `devices`.

    Args:
        devices: Where the network will run; None stands for JAX's default devices.

    Returns:
        "cpu" if all of them are CPUs, else "xla".
    """
    # A mesh of several kinds of devices has one program, which must suit all of them.
    platforms = {device.platform for device in (jax.devices() if devices is None else devices)}
    return CPU if platforms == {"cpu"} else XLA


def is_cpu(backend: str) -> bool:
    """Return whether `backend` is the CPU's.

    Raises:
        ValueError: The backend is none of BACKENDS; a platform's name such as "gpu" is none.
    """
    if backend not in BACKENDS:
        raise ValueError(f"backend {backend!r} is unknown; use {' or '.join(BACKENDS)}")
    return backend == CPU
