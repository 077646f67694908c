"""The flags with which XLA compiles the tests' programs quickly. Nothing here imports JAX."""

# Tests compile much and compute little.
UNOPTIMISED = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
# XLA's older emitter of fused loops compiles a training step in a third of the time. The numerical
# tests run with the present one as well, see `tests/conftest.py`.
FLAGS = f"{UNOPTIMISED} --xla_cpu_use_fusion_emitters=false"
