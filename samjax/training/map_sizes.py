"""The size of a network's map, for which the network is traced: once for all that ask."""

from functools import lru_cache

from samjax.models import SAM, sam


def map_size(model: SAM, input_size: tuple[int, int]) -> tuple[int, int]:
    """Return height and width of the saliency map of an input of that size; computes nothing."""
    # More than one timestep changes no size, and one is traced faster.
    return _traced(model.clone(timesteps=min(model.timesteps, 1)), input_size)


_traced = lru_cache(maxsize=32)(sam.map_size)
