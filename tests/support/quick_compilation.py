"""The flags with which XLA compiles the tests' programs quickly. Nothing here imports JAX."""

FLAGS = (
    # Tests compile much and compute little.
    "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
    # The older way to compile fused loops takes a third of the time for a training step.
    " --xla_cpu_use_fusion_emitters=false"
)
