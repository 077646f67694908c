"""Programs compiled for this processor, and kept as bytes that need no compiling any more.

JAX itself would do all of this, and more than is needed: to call an exported program it imports
SciPy, it lowers the program once more, it keeps what is compiled in a form that is found only by
lowering (`samjax.parallel.compilation`), and it loads that by several layers. Together this takes
longer than to predict ten photographs. Here XLA is given the exported program itself, through the
client that JAX has of it. That client is no part of JAX's public interface: where another version
has another one, programs are compiled by `jax.jit`, with the same options and results.
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
from jax import export

logger = logging.getLogger(__name__)

FLAGS = "XLA_FLAGS"
LEVEL = "xla_backend_optimization_level"
CPU_OPTIONS: dict[str, Any] = {LEVEL: 2, "xla_cpu_experimental_ynn_fusion_type": ""}
"""For XLA on a CPU, for a small network. Its usual level, 3, compiles for longer, and what it makes
runs no faster. The library YNNPACK, which it calls for products and convolutions, takes a third
longer than XLA's own with as few channels as a small network has; with many it takes as long."""
OPTIONS_FOR_ONCE: tuple[dict[str, Any], ...] = (
    {LEVEL: 0, "xla_cpu_use_fusion_emitters": False},
    {LEVEL: 0},
)
"""For a program that runs once, the first that XLA has: its former emitters, which it has no more
since 0.12, compile in a third of the time."""

SMALL = 2**24
"""Parameters of a network up to which it is small."""


class Executable:
    """A program that is compiled for the first device."""

    def __init__(self, loaded: Any, used: tuple[int, ...], outputs: Any) -> None:
        """Take a program of XLA.

        Args:
            loaded: The program, on the device.
            used: Which leaves of the arguments it takes; others have no part in its result.
            outputs: The tree of its outputs.
        """
        self._loaded, self._used, self._outputs = loaded, used, outputs

    def __call__(self, *arguments: Any) -> Any:
        """Return what the exported function gives for these arguments, as arrays of JAX."""
        leaves = jax.tree.leaves(arguments)
        # The variables of a network are on the device already.
        arrays = [
            leaf if isinstance(leaf, jax.Array) else jax.device_put(leaf, _device())
            for leaf in map(leaves.__getitem__, self._used)
        ]
        return jax.tree.unflatten(self._outputs, self._loaded.execute(arrays))

    def dump(self) -> bytes:
        """Return the program as bytes for `load`; none where this version of XLA has no such."""
        try:
            code = _device().client.serialize_executable(self._loaded)
        except Exception as error:  # what it raises is documented nowhere
            logger.debug("an executable is not kept: %s", error)
            return b""
        return pickle.dumps((code, self._used, self._outputs))


def compile_exported(program: export.Exported, options: dict[str, Any]) -> Executable | None:
    """Return an exported program, compiled for this CPU; None where that has to be left to JAX.

    Args:
        program: For one device.
        options: For XLA.
    """
    if not _is_possible() or program.platforms != ("cpu",):
        return None
    try:
        from jaxlib.xla_client import CompileOptions

        chosen = CompileOptions()
        chosen.env_option_overrides = list(options.items())
        module = program.mlir_module_serialized
        loaded = _device().client.compile_and_load(module, _devices(), chosen)
    except Exception as error:  # of a version with another client, or with other options
        logger.debug("JAX compiles a program itself: %s", error)
        return None
    return Executable(loaded, program.module_kept_var_idx, program.out_tree)


def compile_network(program: export.Exported, parameters: int) -> Callable[..., Any]:
    """Return an exported network of so many parameters, compiled as `jit_network` does."""
    options = _wanted_options() if parameters <= SMALL else {}
    return compile_exported(program, options) or jit_network(program.call, parameters)


def compile_for_once(program: export.Exported) -> Callable[..., Any]:
    """Return an exported program that is to run once, compiled as fast as possible."""
    for options in OPTIONS_FOR_ONCE:
        if (compiled := compile_exported(program, options)) is not None:
            return compiled
    return jax.jit(program.call)


def jit_network(function: Callable[..., Any], parameters: int) -> Any:
    """Return a function of a network of so many parameters as `jax.jit` does."""
    options = cpu_options() if parameters <= SMALL else {}
    return jax.jit(function, compiler_options=options)


@functools.cache
def cpu_options() -> dict[str, Any]:
    """Return the options for a small network on this device; none for another device than a CPU."""
    if jax.default_backend() != "cpu":
        return {}
    options = _wanted_options()
    try:
        jax.jit(lambda x: x).lower(0).compile(compiler_options=options)
    except jax.errors.JaxRuntimeError as error:  # this version of XLA has other options
        logger.debug("XLA's usual options are taken: %s", error)
        return {}
    return options


def _wanted_options() -> dict[str, Any]:
    """Return the options for a small network on a CPU, whether XLA has them or not."""
    # Whoever chooses an option by the environment means these programs, too.
    flags = os.environ.get(FLAGS, "")
    return {name: value for name, value in CPU_OPTIONS.items() if name not in flags}


def name_of(program: str) -> str:
    """Return what the executable of a program is called on this machine."""
    return f"{program.removesuffix('.program')}-{_machine()}.executable"


def load(content: bytes) -> Executable | None:
    """Return the program that `Executable.dump` wrote; None where it does not fit any more.

    The bytes come from the user's own cache, as the machine code does that JAX loads from there.
    """
    if not _is_possible():
        return None
    try:
        code, used, outputs = pickle.loads(content)
        loaded = _device().client.deserialize_executable(code, executable_devices=_devices())
    except Exception as error:  # of another version, say
        logger.debug("a kept executable does not fit: %s", error)
        return None
    return Executable(loaded, used, outputs)


def _is_possible() -> bool:
    """Return whether XLA is used directly: on a CPU, in a single process."""
    return jax.default_backend() == "cpu" and jax.process_count() == 1


def _device() -> Any:
    """Return the device of all programs, whatever number there are."""
    return jax.devices()[0]


def _devices() -> Any:
    """Return that device alone, as XLA's client wants it."""
    from jaxlib.xla_client import DeviceList

    return DeviceList((_device(),))


@functools.cache
def _machine() -> str:
    """Return a digest of what machine code depends on: the processor, and the flags for XLA."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            lines = [line for line in file if line.startswith(("flags", "Features", "model name"))]
    except OSError:
        lines = [platform.processor()]  # by a program of the system, which takes a while
    devices = [str(device) for device in jax.devices()]
    facts = [platform.machine(), *sorted(set(lines)), *devices]
    text = "\n".join([*facts, os.environ.get(FLAGS, ""), repr(CPU_OPTIONS)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
