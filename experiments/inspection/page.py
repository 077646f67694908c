"""The summary of a configuration, as lines for a terminal."""

import jax
from ml_collections import ConfigDict

from experiments.inspection.parameters import parameter_table
from experiments.inspection.room import GIB, Room, find_room
from experiments.inspection.step_cost import StepCost, devices_that_share, step_cost
from samjax.console.table import format_table
from samjax.training.compiled import plan_state
from samjax.training.config import read_experiment
from samjax.training.experiment import Experiment

MIB = 2**20


def summarise(config: ConfigDict, device_gib: float | None = None) -> str:
    """Return the parameters, the cost of a training step, and whether it fits the device.

    Args:
        config: With all fields; no dataset is opened and nothing is trained.
        device_gib: Memory of the device that is meant; None for this one's.

    Raises:
        UserError: The config does not make an experiment, or its teacher is not to be had.
    """
    experiment = read_experiment(config, without_data=True)
    first = plan_state(experiment)
    cost = step_cost(experiment, first)
    return "\n\n".join(
        [
            parameter_table(first.abstract.params, experiment.frozen),
            _describe(experiment),
            cost_table(cost),
            verdict(cost, find_room(device_gib), 1 if device_gib else devices_that_share()),
        ]
    )


def _describe(experiment: Experiment) -> str:
    devices = list(experiment.mesh.devices.flat)
    height, width = max((canvas.input for canvas in experiment.canvases), key=lambda s: s[0] * s[1])
    return (
        f"A training step of {experiment.loading.batch_size} images of {height} x {width} on "
        f"{len(devices)} x {devices[0].device_kind}, compiled for "
        f"{jax.default_backend()}:"
    )


def cost_table(cost: StepCost) -> str:
    """Return a row for each number, with what it is."""
    rows = [
        [
            "multiply-adds",
            f"{cost.counted / 1e9:,.3f} G",
            "counted in the program: convolutions and matrix products, on all devices",
        ],
        [
            "",
            f"{cost.by_xla / 1e9:,.3f} G",
            "XLA's cost_analysis, half its flops: of one device, all operations, no library's",
        ],
        ["memory of a device", _mib(cost.state_bytes), "state and batch"],
        ["", _mib(cost.temporary_bytes), "activations and all else within the step"],
        ["", _mib(cost.result_bytes), "results that take no argument's place"],
        ["", _mib(cost.program_bytes), "the program"],
        ["", _mib(cost.peak_bytes), "in all, by XLA's memory_analysis"],
    ]
    return format_table(rows)


def verdict(cost: StepCost, room: Room | None, sharing: int = 1) -> str:
    """Return whether a step fits, and into what.

    Args:
        cost: Of the step.
        room: That there is; None where nothing tells.
        sharing: Devices that share the room.
    """
    needed = cost.peak_bytes * sharing
    what = f"{needed / GIB:.2f} GiB" + (f" ({sharing} devices share it)" if sharing > 1 else "")
    if room is None:
        return f"{what} are needed; give --device-gib to learn whether that fits"
    there = f"{room.size / GIB:.2f} GiB ({room.source})"
    if needed <= room.size:
        share = needed / room.size
        return (
            f"fits: {what} of {there}, {share:.0%}; the data's loading and validation come on top"
        )
    return (
        f"does NOT fit: {what} of {there}; set a smaller --config.train.batch_size or "
        "--config.data.input_size, --config.model.remat=True, or --config.model.dtype=bfloat16"
    )


def _mib(size: int) -> str:
    return f"{size / MIB:,.1f} MiB"
