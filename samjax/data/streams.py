"""Endless shuffled streams of examples, and mixes of them by weight."""

import math
from collections.abc import Sequence

import grain
import numpy as np

from samjax.data.decoding import DecodedSource
from samjax.data.example import Examples
from samjax.errors import UserError


def check_weights(sources: Sequence[Examples], weights: Sequence[float] | None) -> list[float]:
    """Return a weight for each source, or raise a UserError."""
    weights = [1.0] * len(sources) if weights is None else list(weights)
    above_zero = [weight for weight in weights if 0 < weight < math.inf]  # nan is not either
    if not sources or len(weights) != len(sources) or len(above_zero) < len(weights):
        raise UserError(f"weights {weights} do not give each of {len(sources)} sources one above 0")
    for source in sources:
        if not len(source):
            raise UserError(f"{source} is empty; choose a larger slice")
    return weights


def mix(
    sources: Sequence[DecodedSource], weights: Sequence[float], seed: tuple[int, ...]
) -> grain.MapDataset:
    """Return an endless shuffled stream of examples; each source has its weight's fraction."""
    streams = []
    for position, source in enumerate(sources):
        # Sources of equal length would be shuffled alike by one seed.
        own_seed = _combine((*seed, position))
        streams.append(grain.MapDataset.source(source).seed(own_seed).shuffle().repeat())
    # This seed is of what comes after the mix, the random map.
    return mix_streams(streams, weights).seed(_combine(seed))


def mix_streams(streams: Sequence[grain.MapDataset], weights: Sequence[float]) -> grain.MapDataset:
    """Return one stream that takes from each of several in proportion to its weight."""
    return streams[0] if len(streams) == 1 else grain.MapDataset.mix(streams, weights)


def _combine(seed: tuple[int, ...]) -> int:
    """Return one seed that depends on all of the numbers."""
    return int(np.random.SeedSequence(seed).generate_state(1)[0])
