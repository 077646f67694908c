"""The flags with which XLA compiles the tests' programs quickly. Nothing here imports JAX."""

from importlib.metadata import version

# Tests compile much and compute little.
UNOPTIMISED = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
# XLA's older emitter of fused loops compiles a training step in a third of the time. The numerical
# tests run with the present one as well, see `tests/conftest.py`. JAX 0.10 still has the older one;
# later ones end at a flag that they do not know.
HAS_OLDER_EMITTER = version("jaxlib").split(".")[:2] == ["0", "10"]
FLAGS = f"{UNOPTIMISED} --xla_cpu_use_fusion_emitters=false" if HAS_OLDER_EMITTER else UNOPTIMISED
