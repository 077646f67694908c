"""The device mesh: axis `data` splits the batch, axis `space` the height of each image.

The compiler exchanges the rows that convolutions need from a neighbour, and sums over the batch are
over the global batch, so a program's numbers do not depend on the mesh. A global batch has the
order of one process's: see `in_order`.
"""

import jax
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from samjax.errors import UserError


def make_mesh(space: int = 1, devices: list[jax.Device] | None = None) -> Mesh:
    """A mesh of all devices (of all processes), or of those given; `space` of them share an image.

    Every process holds whole images, and its rows are neighbours.
    """
    devices = sorted(devices or jax.devices(), key=lambda d: (d.process_index, d.id))
    local = sum(device.process_index == devices[0].process_index for device in devices)
    if space < 1 or local % space:
        raise UserError(
            f"train.space {space} does not divide the {local} devices of a process; "
            f"set --config.train.space to one of {', '.join(map(str, _divisors(local)))}"
        )
    grid = np.array(devices).reshape(-1, space)
    return Mesh(grid, ("data", "space"), axis_types=(AxisType.Auto, AxisType.Auto))


def replicated(mesh: Mesh) -> NamedSharding:
    return NamedSharding(mesh, PartitionSpec())


def over_batch(mesh: Mesh) -> NamedSharding:
    return NamedSharding(mesh, PartitionSpec("data"))


def over_images(mesh: Mesh) -> NamedSharding:
    """Of [B, H, ...]: batch and height split."""
    return NamedSharding(mesh, PartitionSpec("data", "space"))


def over_largest_axis(leaf, mesh: Mesh) -> NamedSharding:
    """Of a weight's own array: its largest axis that the axis `data` divides is split, if any."""
    parts = mesh.shape["data"]
    fitting = [axis for axis, size in enumerate(leaf.shape) if size % parts == 0]
    if not fitting:
        return replicated(mesh)
    largest = max(fitting, key=lambda axis: leaf.shape[axis])
    return NamedSharding(mesh, PartitionSpec(*largest * (None,), "data"))


def state_shardings(state, mesh: Mesh, shard_optimizer: bool):
    """Where a `TrainState` lies: a copy on every device, or, of the optimiser's state, which is
    needed only to update, a part of each array on each device along the axis `data`.
    """
    shardings = jax.tree.map(lambda _: replicated(mesh), state)
    if not shard_optimizer:
        return shardings
    split = jax.tree.map(lambda leaf: over_largest_axis(leaf, mesh), state.opt_state)
    return shardings.replace(opt_state=split)


def put(batch: dict, mesh: Mesh) -> dict:
    """This process's share of a batch (NumPy, [local, ...]) -> global arrays [B, ...]."""
    return {
        name: jax.make_array_from_process_local_data(
            over_images(mesh) if value.ndim > 2 else over_batch(mesh), value
        )
        for name, value in batch.items()
    }


def in_order(batch: dict, mesh: Mesh) -> dict:
    """Rows of a global batch in the order of the data, within a compiled step.

    P processes take turns at the examples, so `put` leaves them in the order 0, P, 2P ..., 1, P + 1
    ... A row's place decides what dropout it gets and with whom it is summed, so it must not depend
    on the processes.
    """
    processes = len({device.process_index for device in mesh.devices.flat})
    if processes == 1:
        return batch

    def ordered(x: jax.Array) -> jax.Array:
        turns = x.reshape(processes, -1, *x.shape[1:])
        rows = turns.swapaxes(0, 1).reshape(x.shape)
        sharding = over_images(mesh) if x.ndim > 2 else over_batch(mesh)
        return jax.lax.with_sharding_constraint(rows, sharding)

    return jax.tree.map(ordered, batch)


def local_batch_size(batch_size: int, mesh: Mesh) -> int:
    """How many examples of a global batch this process loads."""
    rows = mesh.shape["data"]
    if batch_size % rows:
        nearest = -(-batch_size // rows) * rows
        shared = f" (train.space={mesh.shape['space']} to an image)" * (mesh.shape["space"] > 1)
        raise UserError(
            f"batch_size {batch_size} does not divide over {mesh.size} devices{shared}; "
            f"set --config.train.batch_size={nearest}"
        )
    return batch_size // jax.process_count()


# Below, the halo of the widest convolution (5 x 5, dilated by 4, at stride 8) is larger than the
# whole image, and the compiler's exchange of rows gives wrong numbers.
MIN_HEIGHT = 64


def check_heights(mesh: Mesh, image: int, saliency: int) -> None:
    """UserError where the heights of images and maps, in pixels, do not divide over `space`."""
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
