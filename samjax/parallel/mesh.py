"""The device mesh: its axis `data` splits the batch, its axis `space` the height of each image.

The compiler exchanges the rows that convolutions need from a neighbour, and sums over the batch are
over the global batch. A program's numbers therefore do not depend on the mesh. A global batch has
the order that one process alone would give it, see `in_order`.
"""

from typing import Any, TypeVar

import jax
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from samjax.errors import UserError

PyTree = TypeVar("PyTree")

# Below, the halo of the widest convolution (5 x 5, dilated by 4, at stride 8) is larger than the
# whole image, and the compiler's exchange of rows gives wrong numbers.
MIN_HEIGHT = 64


def make_mesh(space: int = 1, devices: list[jax.Device] | None = None) -> Mesh:
    """Return a mesh of devices with the axes `data` and `space`.

    Args:
        space: How many neighbouring devices share an image. They belong to one process, because
            every process holds whole images.
        devices: The devices to use; None for all devices of all processes.

    Raises:
        UserError: `space` does not divide the devices of a process.
    """
    # The devices of a process lie side by side, so that an image stays within one process.
    devices = sorted(devices or jax.devices(), key=lambda d: (d.process_index, d.id))
    per_process = sum(device.process_index == devices[0].process_index for device in devices)
    if space < 1 or per_process % space:
        raise UserError(
            f"train.space {space} does not divide the {per_process} devices of a process; "
            f"set --config.train.space to one of {', '.join(map(str, _divisors(per_process)))}"
        )
    grid = np.array(devices).reshape(-1, space)
    return Mesh(grid, ("data", "space"), axis_types=(AxisType.Auto, AxisType.Auto))


def replicated(mesh: Mesh) -> NamedSharding:
    """Return the sharding of an array of which every device has a copy."""
    return NamedSharding(mesh, PartitionSpec())


def over_batch(mesh: Mesh) -> NamedSharding:
    """Return the sharding of an array [B, ...] whose batch is split."""
    return NamedSharding(mesh, PartitionSpec("data"))


def over_images(mesh: Mesh) -> NamedSharding:
    """Return the sharding of an array [B, H, ...] whose batch and height are split."""
    return NamedSharding(mesh, PartitionSpec("data", "space"))


def over_largest_axis(array: jax.Array | jax.ShapeDtypeStruct, mesh: Mesh) -> NamedSharding:
    """Return the sharding that splits an array along one axis of its own over the axis `data`.

    It is the array's largest axis among those that the number of parts divides. Where there is
    none, every device has a copy.
    """
    parts = mesh.shape["data"]
    divisible = [axis for axis, size in enumerate(array.shape) if size % parts == 0]
    if not divisible:
        return replicated(mesh)
    largest = max(divisible, key=lambda axis: array.shape[axis])
    before = (None,) * largest
    return NamedSharding(mesh, PartitionSpec(*before, "data"))


def state_shardings(state: Any, mesh: Mesh, shard_optimizer: bool) -> Any:
    """Return where each array of a training state lies.

    Args:
        state: A `TrainState`, or its shapes.
        mesh: The devices.
        shard_optimizer: Whether each device keeps only a part of the optimiser's state (as in
            ZeRO, Rajbhandari et al. 2020), which is needed only for the update. Everything else is
            on every device.

    Returns:
        The state with a sharding in place of each array.
    """
    shardings = jax.tree.map(lambda _: replicated(mesh), state)
    if not shard_optimizer:
        return shardings
    split = jax.tree.map(lambda array: over_largest_axis(array, mesh), state.opt_state)
    return shardings.replace(opt_state=split)


def put(batch: dict[str, np.ndarray], mesh: Mesh) -> dict[str, jax.Array]:
    """Put this process's part of a batch on its devices.

    Args:
        batch: Arrays [local, ...]; of those with more than two axes the second is the height.
        mesh: The devices.

    Returns:
        Global arrays [B, ...].
    """
    arrays = {}
    for name, value in batch.items():
        sharding = batch_sharding(value.ndim, mesh)
        arrays[name] = jax.make_array_from_process_local_data(sharding, value)
    return arrays


def in_order(batch: PyTree, mesh: Mesh) -> PyTree:
    """Return a global batch with its rows in the order of the data, within a compiled step.

    P processes take turns at the examples, so `put` leaves them in the order 0, P, 2P ..., 1, P + 1
    ... A row's place decides what dropout it gets and with which rows it is summed first, so it
    must not depend on the processes.

    Args:
        batch: Arrays [B, ...].
        mesh: The devices.
    """
    processes = len({device.process_index for device in mesh.devices.flat})
    if processes == 1:
        return batch

    def reorder(array: jax.Array) -> jax.Array:
        turns = array.reshape(processes, -1, *array.shape[1:])
        rows = turns.swapaxes(0, 1).reshape(array.shape)
        return jax.lax.with_sharding_constraint(rows, batch_sharding(array.ndim, mesh))

    return jax.tree.map(reorder, batch)


def batch_sharding(axes: int, mesh: Mesh) -> NamedSharding:
    """Return the sharding of an array of a batch: images and maps are split by height as well."""
    return over_images(mesh) if axes > 2 else over_batch(mesh)


def local_batch_size(batch_size: int, mesh: Mesh) -> int:
    """Return how many examples of a global batch this process loads.

    Raises:
        UserError: The batch does not divide over the devices.
    """
    parts = mesh.shape["data"]
    if batch_size % parts:
        nearest = -(-batch_size // parts) * parts  # rounded up
        space = mesh.shape["space"]
        shared = f" (train.space={space} to an image)" if space > 1 else ""
        raise UserError(
            f"batch_size {batch_size} does not divide over {mesh.size} devices{shared}; "
            f"set --config.train.batch_size={nearest}"
        )
    return batch_size // jax.process_count()


def check_heights(mesh: Mesh, image: int, saliency: int) -> None:
    """Check that images and maps can be split by height over the axis `space`.

    Args:
        mesh: The devices.
        image: Height of the images, in pixels.
        saliency: Height of the saliency maps, in pixels.

    Raises:
        UserError: A height does not divide, or images are too low to be split.
    """
    space = mesh.shape["space"]
    if space > 1 and image < MIN_HEIGHT:
        raise UserError(
            f"train.space={space} needs images at least {MIN_HEIGHT} pixels high, not {image}; "
            "set --config.train.space=1"
        )
    if image % space or saliency % space:
        fitting = [n for n in _divisors(space) if image % n == saliency % n == 0]
        raise UserError(
            f"heights {image} of the images and {saliency} of the maps do not both divide over "
            f"train.space={space}; set --config.train.space={max(fitting)} or another "
            "--config.data.input_size"
        )


def _divisors(number: int) -> list[int]:
    return [n for n in range(1, number + 1) if number % n == 0]
