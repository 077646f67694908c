"""What a training step takes, as shapes: of experiments that are read without their data."""

import jax
import jax.numpy as jnp

from samjax.models.features import feature_shape
from samjax.parallel.mesh import batch_sharding
from samjax.training.compiled import FirstState
from samjax.training.experiment import Experiment
from samjax.training.state import TrainState


def abstract_state(first: FirstState) -> TrainState:
    """Return the state with the shape, type and place of each array."""
    return jax.tree.map(
        lambda leaf, sharding: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=sharding),
        first.abstract,
        first.shardings,
    )


def abstract_batch(experiment: Experiment, first: FirstState) -> dict[str, jax.ShapeDtypeStruct]:
    """Return a batch of the largest canvas with the shape, type and place of each array."""
    canvas = max(experiment.canvases, key=lambda canvas: canvas.input[0] * canvas.input[1])
    shapes: dict[str, tuple[tuple[int, ...], object]] = {
        "image": ((*canvas.input, 3), jnp.uint8),
        "density": (canvas.map, jnp.float32),
        "counts": (canvas.map, jnp.float32),
        "mask": (canvas.map, jnp.bool_),
        "index": ((), jnp.int32),
    }
    if times := experiment.loss.viewing_times_ms:
        for name in ("timestep_density", "timestep_counts"):
            shapes[name] = ((len(times), *canvas.map), jnp.float32)
    if experiment.feature_cache.enabled:
        del shapes["image"]
        variables = {"params": first.abstract.params, "batch_stats": first.abstract.batch_stats}
        shape = feature_shape(experiment.model, variables, canvas.input)
        shapes["features"] = (shape, jnp.dtype(experiment.feature_cache.dtype))
    size, mesh = experiment.loading.batch_size, experiment.mesh
    return {
        name: jax.ShapeDtypeStruct(
            (size, *shape), dtype, sharding=batch_sharding(1 + len(shape), mesh)
        )
        for name, (shape, dtype) in shapes.items()
    }
