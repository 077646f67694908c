"""Arithmetic and memory of a training step, from the program as it is compiled for the devices."""

from typing import Any, NamedTuple

import jax

from experiments.bench.arithmetic import multiply_adds
from samjax.training.compiled import FirstState, compile_train_step
from samjax.training.experiment import Experiment
from samjax.training.outline import abstract_batch, abstract_state

FLOPS_PER_MULTIPLY_ADD = 2


class StepCost(NamedTuple):
    """What a training step takes.

    Attributes:
        counted: Multiply-adds of all convolutions and matrix products of the traced program, over
            all devices: what is executed, also by kernels of our own, such as Winograd's.
        by_xla: The compiler's own count of a device's arithmetic, halved: it has all other
            operations too, and neither what libraries compute nor, always, all turns of a loop.
        state_bytes: Of a device: state and batch, which are there before and after.
        temporary_bytes: Of a device: activations and all else that a step needs meanwhile.
        result_bytes: Of a device: what comes out and does not take the place of what went in.
        program_bytes: Of a device: the program itself.
    """

    counted: int
    by_xla: float
    state_bytes: int
    temporary_bytes: int
    result_bytes: int
    program_bytes: int

    @property
    def peak_bytes(self) -> int:
        """The bytes of a device that a step takes in all."""
        return self.state_bytes + self.temporary_bytes + self.result_bytes + self.program_bytes


def step_cost(experiment: Experiment, first: FirstState) -> StepCost:
    """Return what a training step takes; it is compiled, and not run.

    With several canvases it is the largest one's.
    """
    step = compile_train_step(experiment, first)
    arguments: tuple[Any, ...] = (
        abstract_state(first),
        abstract_batch(experiment, first),
        *step.constants,
    )
    compiled = step.program.lower(*arguments).compile()
    memory, analysis = compiled.memory_analysis(), compiled.cost_analysis() or {}
    return StepCost(
        counted=multiply_adds(step.program, *arguments),
        by_xla=analysis.get("flops", 0.0) / FLOPS_PER_MULTIPLY_ADD,
        state_bytes=memory.argument_size_in_bytes,
        temporary_bytes=memory.temp_size_in_bytes,
        result_bytes=max(0, memory.output_size_in_bytes - memory.alias_size_in_bytes),
        program_bytes=memory.generated_code_size_in_bytes,
    )


def devices_that_share() -> int:
    """Return how many devices share one memory: on a CPU all of a process, else none."""
    return jax.local_device_count() if jax.default_backend() == "cpu" else 1
