"""Compiled programs as bytes, so that a process neither traces, lowers nor compiles them.

JAX keeps compiled programs, too (`samjax.parallel.compilation`), but finds them by their lowered
text: to lower a network of two million parameters takes longer than to run it. What is kept here is
loaded as it is, and for that belongs to one version of JAX and one kind of processor.
"""

import functools
import hashlib
import logging
import os
import pickle
import platform
from collections.abc import Callable
from typing import Any

import jax

logger = logging.getLogger(__name__)

FLAGS = "XLA_FLAGS"
LEVEL = "xla_backend_optimization_level"
NONE = b""
"""Kept in place of a program that cannot be: to try that again would take as long each time."""
CPU_OPTIONS: dict[str, Any] = {LEVEL: 2, "xla_cpu_experimental_ynn_fusion_type": ""}
"""For XLA on a CPU, for a small network. Its usual level, 3, compiles for longer, and what it makes
runs no faster. The library YNNPACK, which it calls for products and convolutions, takes a third
longer than XLA's own with as few channels as a small network has; with many it takes as long."""


SMALL = 2**24
"""Parameters of a network up to which it is small."""


@functools.cache
def cpu_options() -> dict[str, Any]:
    """Return the options for a small network on this device; none for another device than a CPU."""
    if jax.default_backend() != "cpu":
        return {}
    # Whoever chooses an option by the environment means these programs, too.
    flags = os.environ.get(FLAGS, "")
    options = {name: value for name, value in CPU_OPTIONS.items() if name not in flags}
    try:
        jax.jit(lambda x: x).lower(0).compile(compiler_options=options)
    except jax.errors.JaxRuntimeError as error:  # this version of XLA has other options
        logger.debug("XLA's usual options are taken: %s", error)
        return {}
    return options


def jit_network(function: Callable[..., Any], parameters: int) -> Any:
    """Return a function of a network of so many parameters as `jax.jit` does."""
    options = cpu_options() if parameters <= SMALL else {}
    return jax.jit(function, compiler_options=options)


def name_of(program: str) -> str:
    """Return what the executable of a program is called on this machine."""
    return f"{program.removesuffix('.program')}-{_machine()}.executable"


def dump(compiled: Any, *arguments: Any) -> bytes:
    """Return a compiled program as bytes; NONE where JAX cannot do that.

    Args:
        compiled: The program.
        arguments: For which the bytes are tried: XLA writes those of a program that it has itself
            loaded from a cache, too, but without its machine code.
    """
    from jax.experimental.serialize_executable import serialize

    if jax.default_backend() != "cpu" or jax.process_count() > 1:
        return NONE  # tried on CPUs only
    try:
        content = pickle.dumps(serialize(compiled))
        loaded = load(content)
        assert loaded is not None
        jax.block_until_ready(loaded(*arguments))
        return content
    except Exception as error:  # what these raise is documented nowhere
        logger.debug("an executable is not kept: %s", error)
        return NONE


def load(content: bytes) -> Callable[..., Any] | None:
    """Return the compiled program that `dump` wrote; None where it does not fit any more.

    The bytes come from the user's own cache, as the machine code does that JAX loads from there.
    """
    from jax.experimental.serialize_executable import deserialize_and_load

    try:
        program, inputs, outputs = pickle.loads(content)
        # Programs are compiled for the first device, whatever number there are.
        return deserialize_and_load(program, inputs, outputs, execution_devices=jax.devices()[:1])
    except Exception as error:  # of another version, say
        logger.debug("a kept executable does not fit: %s", error)
        return None


@functools.cache
def _machine() -> str:
    """Return a digest of what machine code depends on: the processor, and the flags for XLA."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            lines = [line for line in file if line.startswith(("flags", "Features", "model name"))]
    except OSError:
        lines = []
    devices = [str(device) for device in jax.devices()]
    facts = [platform.machine(), platform.processor(), *sorted(set(lines)), *devices]
    text = "\n".join([*facts, os.environ.get(FLAGS, ""), repr(CPU_OPTIONS)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
