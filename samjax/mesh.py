"""The device mesh: one axis `data` over all devices; batches are split, the rest is replicated."""

import jax
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from samjax.errors import UserError


def make_mesh(devices: list[jax.Device] | None = None) -> Mesh:
    """A mesh of all devices (of all processes), or of those given."""
    devices = devices or jax.devices()
    return jax.make_mesh((len(devices),), ("data",), axis_types=(AxisType.Auto,), devices=devices)


def replicated(mesh: Mesh) -> NamedSharding:
    return NamedSharding(mesh, PartitionSpec())


def over_batch(mesh: Mesh) -> NamedSharding:
    return NamedSharding(mesh, PartitionSpec("data"))


def put(batch: dict, mesh: Mesh) -> dict:
    """This process's share of a batch (NumPy, [local, ...]) -> global arrays [B, ...]."""
    sharding = over_batch(mesh)
    return {
        key: jax.make_array_from_process_local_data(sharding, value) for key, value in batch.items()
    }


def local_batch_size(batch_size: int, mesh: Mesh) -> int:
    """How many examples of a global batch this process loads."""
    if batch_size % mesh.size:
        nearest = -(-batch_size // mesh.size) * mesh.size
        raise UserError(
            f"batch_size {batch_size} does not divide over {mesh.size} devices; "
            f"set --config.train.batch_size={nearest}"
        )
    return batch_size // jax.process_count()
